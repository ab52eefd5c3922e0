import type { Fields } from '../../contracts/fields.ts';
import type { SaleParts } from './sale-values.ts';
import { lineValues } from './sale-values.ts';
import type { Json, JsonObject } from './values.ts';
import { numbersOf } from './values.ts';

/** Nested verbs that make the lines the row's list, by position: edit in place, append, delete the surplus. */
export function lineVerbs(lines: readonly Fields[], current: readonly JsonObject[], parts: SaleParts): readonly Json[] {
  const verbs: Json[] = [];
  const added: JsonObject[] = [];
  for (const [position, line] of lines.entries()) {
    const there = current[position];
    const values = lineValues(line, parts, numbersOf(there?.['taxes']));
    if (there === undefined) added.push(values);
    else verbs.push(['write', [Number(there['id'])], values]);
  }
  if (added.length > 0) verbs.push(['create', added]);
  const surplus = current.slice(lines.length).map((line) => Number(line['id']));
  return surplus.length === 0 ? verbs : [...verbs, ['delete', surplus]];
}
