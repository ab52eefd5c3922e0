/** Configuration of the systems at one moment: a line for each fact, by the name of the system in the plan. */
export type Configuration = Readonly<Record<string, readonly string[]>>;

/**
 * What is no longer as it was at the configuration freeze, in words that name the system and the fact. A fact that changed is told once, as it is
 * now; one that is gone as missing. A system that was not looked at then says nothing.
 */
export function driftOf(frozen: Configuration, now: Configuration): readonly string[] {
  return Object.entries(frozen).flatMap(([system, before]) => {
    const after = now[system] ?? [];
    const [known, seen] = [new Set(before), new Set(after)];
    const names = (lines: readonly string[]): ReadonlySet<string> => new Set(lines.map(factName));
    const [added, gone] = [after.filter((line) => !known.has(line)), before.filter((line) => !seen.has(line))];
    const [before_, after_] = [names(before), names(after)];
    return [
      ...added.map((line) => `${system}: ${before_.has(factName(line)) ? 'changed' : 'new'}: ${line}`),
      ...gone.filter((line) => !after_.has(factName(line))).map((line) => `${system}: missing: ${line}`),
    ];
  });
}

/** What a line speaks of: all before its first colon, or the line. */
function factName(line: string): string {
  const end = line.indexOf(': ');
  return end < 0 ? line : line.slice(0, end);
}
