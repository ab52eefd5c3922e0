import type { PlainFields, PlainValue } from '../domain/effects/fields.ts';

/**
 * A value that crosses rooms. Money, quantities and rates are decimal strings (`"232.0800"`), never floating-point numbers;
 * days are `YYYY-MM-DD`; instants are ISO 8601 in UTC. `null` is known to be absent.
 */
export type FieldValue = PlainValue;
export type Fields = PlainFields;
