import type { Fields } from '../../contracts/fields.ts';
import { OwnRefusal } from './answers.ts';
import { textField } from './row-fields.ts';

/** What Python's `str.strip` takes away: `fields.Char` of Tryton keeps none of it around a text (trytond 8.2, model/fields/char.py). */
const blankAround = /^[\p{White_Space}\u{1c}-\u{1f}]+|[\p{White_Space}\u{1c}-\u{1f}]+$/gu;
/** `forbidden_chars` of the same file. */
const forbidden = /[\t\n\r\v\f]/;

/** Where in Tryton a text stands decides what of it Tryton keeps: `name` is a `Char` with `strip=False`. */
type Kept = 'withoutBlanks' | 'withBlanks';

/**
 * A text that Tryton holds in a field of one line. What it would take away, and what it refuses, is refused before it is sent: it would read back as
 * another text, and no comparison would ever find it equal.
 */
export function lineText(fields: Fields, name: string, path = name, kept: Kept = 'withoutBlanks'): string | null | undefined {
  const text = wholeText(fields, name, path);
  if (typeof text !== 'string') return text;
  if (kept === 'withoutBlanks' && stripped(text) !== text) throw blanksAround(path);
  if (forbidden.test(text))
    throw badText(
      path,
      'holds a tab or a line break, which Tryton does not take there',
      'take it away in its source, or read it "as: trimmed" in the mapping',
    );
  return text;
}

/** A text without the blanks around it; null where nothing is left. */
export function stripped(text: string | null): string | null {
  const kept = text?.replaceAll(blankAround, '') ?? '';
  return kept === '' ? null : kept;
}

/** A text of any number of lines, which Tryton keeps as it is; an empty one reads back as none. */
export function wholeText(fields: Fields, name: string, path = name): string | null | undefined {
  const text = textField(fields, name);
  if (text === '')
    throw badText(
      path,
      'is an empty text, which Tryton keeps as none',
      'leave it null in its source, or read it "as: trimmed" in the mapping',
    );
  return text;
}

/** The refusal of a text with blanks around it, control characters that Tryton takes for blanks among them. */
export function blanksAround(path: string): OwnRefusal {
  return badText(
    path,
    'has blanks around it, which Tryton does not keep',
    'take them away in its source, or read it "as: trimmed" in the mapping (trim() in the query, where the mapping copies a list)',
  );
}

function badText(path: string, what: string, remedy: string): OwnRefusal {
  return new OwnRefusal('invalidData', `${path} ${what}; ${remedy}`, 'write', path);
}
