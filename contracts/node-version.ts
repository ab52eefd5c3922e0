/** The oldest Node that the package is tried on; package.json says the same under `engines`, and tests run what is built on exactly this one. */
export const oldestNode = '24.21.0';

/** Why this version of Node (as `process.version` says it) will not do, with the remedy; null where it does. */
export function refusedNode(version: string): string | null {
  const [have, need] = [numbersOf(version), numbersOf(oldestNode)];
  const index = need.findIndex((number, at) => have[at] !== number);
  if (index === -1 || (have[index] ?? 0) > (need[index] ?? 0)) return null;
  return `cutover needs Node ${oldestNode} or newer, and this is ${version}: an older one cannot read amounts exactly. Install a newer Node and run the same command again.`;
}

function numbersOf(version: string): readonly number[] {
  return version.replace(/^v/, '').split(/[.-]/).slice(0, 3).map(Number);
}
