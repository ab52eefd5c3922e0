/** How many are named before the rest are only counted: a text of everything would not fit into a workflow's history. */
const named = 20;

/** Names in a sentence: the first 20, each as `show` writes it, and how many more there are. */
export function listedNames(names: readonly string[], show: (name: string) => string = (name) => name): string {
  return listedFirst(names.slice(0, named).map(show), names.length);
}

/** The same of texts that hold commas themselves. */
export function listedTexts(texts: readonly string[]): string {
  return listedFirst(texts.slice(0, named), texts.length, '; ', '; ');
}

/** The first of `count` names, as they are to be written, and how many there are beyond them. */
export function listedFirst(first: readonly string[], count: number, between = ', ', beforeRest = ' '): string {
  const rest = count - first.length;
  return `${first.join(between)}${rest > 0 ? `${beforeRest}and ${String(rest)} more` : ''}`;
}
