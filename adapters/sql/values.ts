import { types } from 'pg';
import type { FieldValue } from '../../contracts/fields.ts';

/** A value that cannot be carried exactly; the message says what to write in the query instead. */
export class InexactValue extends Error {
  override readonly name = 'InexactValue';
}

/**
 * How PostgreSQL's text form becomes a field value: numbers and days stay the text they are, so that nothing is rounded;
 * instants become ISO 8601 in UTC (the session's zone is UTC); a timestamp without zone is no instant and stays without.
 */
export const exactTypes = {
  getTypeParser: (oid: number) => parsers[oid] ?? ((text: string) => text),
};

const parsers: Readonly<Record<number, (text: string) => FieldValue>> = {
  // The padding of char(n) is no part of its value: PostgreSQL compares without it, and drops it in every conversion.
  [types.builtins.BPCHAR]: (text) => text.replace(/ +$/, ''),
  [types.builtins.BOOL]: (text) => text === 't',
  [types.builtins.TIMESTAMP]: isoTime,
  [types.builtins.TIMESTAMPTZ]: isoInstant,
  [types.builtins.FLOAT4]: refuseFloat,
  [types.builtins.FLOAT8]: refuseFloat,
  [types.builtins.JSON]: parseExactJson,
  [types.builtins.JSONB]: parseExactJson,
};

/** JSON whose numbers become the decimal text they were written as, never a floating-point number. */
export function parseExactJson(text: string): FieldValue {
  return JSON.parse(text, exactNumber) as FieldValue;
}

/** `context.source` is the number's own text (JSON.parse source text access, ECMAScript stage 4, in Node since 21). */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number') return value;
  const source = context?.source ?? '';
  if (!/^-?\d+(\.\d+)?$/.test(source))
    throw new InexactValue('a JSON column holds a number in floating-point notation; cast it to numeric in the query');
  return source;
}

function isoTime(text: string): string {
  return text.replace(' ', 'T');
}

function isoInstant(text: string): string {
  return `${isoTime(text).replace(/\+00$/, '')}Z`;
}

function refuseFloat(): never {
  throw new InexactValue('the query yields a floating-point column; cast it to numeric in the query, for example price::numeric(12,4)');
}
