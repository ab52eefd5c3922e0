import type { Fields, FieldValue } from '../contracts/fields.ts';

function isEmpty(value: FieldValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'string' && value.trim() === '';
}

/** Names of the fields that the target requires and that a record leaves empty: without a value, blank, or a list without entries. */
export function emptyFields(required: readonly string[], fields: Fields): readonly string[] {
  return required.filter((name) => isEmpty(fields[name]));
}
