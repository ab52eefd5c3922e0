import type { CallName } from './answers.ts';
import { strangeAnswer } from './answers.ts';
import type { Json, JsonObject } from './values.ts';
import { isList, isObject } from './values.ts';

/** Rows of a search with every field that was asked for; anything else is no answer, because a part that is missing would count as empty. */
export function rowsIn(answer: Json, fields: readonly string[], call: CallName): readonly JsonObject[] {
  const names = ['id', ...fields.map((field) => (field.includes('.') ? `${field.slice(0, field.indexOf('.'))}.` : field))];
  return listIn(answer, (row): row is JsonObject => isObject(row) && isId(row['id']) && names.every((name) => name in row), call);
}

/** Ids, as a search or a create answers them; `count` where it is known how many there must be. */
export function idsIn(answer: Json, call: CallName, count?: number): readonly number[] {
  const ids = listIn(answer, isId, call);
  if (count !== undefined && ids.length !== count) throw strangeAnswer(call);
  return ids;
}

export function numberIn(answer: Json, call: CallName): number {
  if (typeof answer === 'number' && Number.isSafeInteger(answer)) return answer;
  throw strangeAnswer(call);
}

export function objectIn(answer: Json, call: CallName): JsonObject {
  if (isObject(answer)) return answer;
  throw strangeAnswer(call);
}

function listIn<Item extends Json>(answer: Json, fits: (item: Json) => item is Item, call: CallName): readonly Item[] {
  if (isList(answer) && answer.every(fits)) return answer;
  throw strangeAnswer(call);
}

function isId(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
