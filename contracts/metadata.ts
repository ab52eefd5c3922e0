/**
 * Bytes that a Temporal server takes of a summary and of details (`limit.userMetadataSummarySize` and `limit.userMetadataDetailsSize`, 400 and 20,000). It
 * counts the whole payload: what says that it is JSON, and how long it is, takes up to 28 of them, and its quotation marks 2.
 */
const [summaryBytes, detailsBytes] = [400 - 30, 20_000 - 30];

/** A summary of a timer, an activity or a workflow, cut to what a server takes. */
export function asSummary(text: string): string {
  return cutTo(text, summaryBytes);
}

/** Details of a workflow, cut to what a server takes. */
export function asDetails(text: string): string {
  return cutTo(text, detailsBytes);
}

const ellipsis = '…';

/** The text, or as much of its beginning as fits with a sign that it goes on. */
function cutTo(text: string, bytes: number): string {
  const characters = Array.from(text);
  const sizes = characters.map(bytesOf);
  if (sumOf(sizes) <= bytes) return text;
  let left = bytes - bytesOf(ellipsis);
  const end = sizes.findIndex((size) => (left -= size) < 0);
  return `${characters.slice(0, end).join('')}${ellipsis}`;
}

function sumOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes of a character in a text of JSON that is written in UTF-8. */
function bytesOf(character: string): number {
  const escaped = JSON.stringify(character).length - 2;
  const code = character.codePointAt(0) ?? 0;
  if (escaped > character.length || code < 0x80) return escaped;
  return code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
