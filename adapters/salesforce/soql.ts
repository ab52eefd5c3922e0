/** A text as SOQL takes it between quotes ("Quoted String Escape Sequences" of the SOQL reference). */
export function quoted(text: string): string {
  if (!/[\\'"\n\r\t\u0008\f]/.test(text)) return `'${text}'`;
  const escaped = text
    .replace(/[\\'"]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll('\b', '\\b')
    .replaceAll('\f', '\\f');
  return `'${escaped}'`;
}

export function anyOf(field: string, values: readonly string[]): string {
  return `${field} IN (${values.map(quoted).join(', ')})`;
}

export function select(fields: readonly string[], type: string, where: string, limit?: number): string {
  return `SELECT ${fields.join(', ')} FROM ${type} WHERE ${where}${limit === undefined ? '' : ` LIMIT ${String(limit)}`}`;
}
