import { listedNames } from '../domain/listed.ts';

/** A name without what nobody sees of it: blanks around it, control and format characters in it; any blank inside is a space. */
export function bare(name: string): string {
  return name
    .replaceAll(/\p{White_Space}/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
}

/** A name as a sentence shows it: in quotation marks, with what nobody sees written out, where it is not bare; else as it is. */
export function shown(name: string): string {
  if (bare(name) === name) return name;
  const written = name.replaceAll(
    /[\p{Cc}\p{Cf}]|(?! )\p{White_Space}/gu,
    (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
  return `"${written}"`;
}

/** Names in a sentence: the first 20, each as it is shown, and how many more there are. */
export function shownNames(names: readonly string[]): string {
  return listedNames(names, shown);
}
