/** Records of a CSV text (RFC 4180) by the names in its first line; an empty unquoted or quoted value is null. */
export function parseCsv(text: string): Record<string, string | null>[] {
  const [header, ...lines] = cells(text);
  if (header === undefined) throw new Error('the CSV file is empty; its first line must name the columns');
  return lines.map((line, index) => {
    if (line.length !== header.length)
      throw new Error(
        `record ${String(index + 1)} has ${String(line.length)} values where the header names ${String(header.length)} columns`,
      );
    return Object.fromEntries(header.map((name, column) => [name, line[column] === '' ? null : (line[column] ?? null)]));
  });
}

/** A quoted cell may hold commas, line ends and doubled quotes, so lines cannot be split first. */
function cells(text: string): string[][] {
  const pattern = /(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r?\n|$)/gy;
  const lines: string[][] = [];
  let line: string[] = [];
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) throw new Error('the CSV text has a quote that is not closed or stands inside an unquoted value');
    line.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    lines.push(line);
    line = [];
  }
  return lines;
}
