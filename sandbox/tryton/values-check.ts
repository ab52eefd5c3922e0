import { fractionDigits } from './amounts.ts';
import { UserError } from './errors.ts';
import type { FieldDefinition } from './schema.ts';
import type { Store } from './store.ts';
import { definitionOf } from './store.ts';
import type { Value } from './value.ts';
import { decimal, decimalOf, isTagged, plain } from './value.ts';

/** A value as Tryton stores it, or its refusal, which names the `record`. Names kept on one line lose the blanks around them. */
export function checkedValue(store: Store, model: string, field: FieldDefinition, value: Value, record: string): Value {
  if (value === null) return null;
  switch (field.kind) {
    case 'char':
      return typeof value === 'string' ? checkedLine(model, field, value) : plain(value);
    case 'decimal':
    case 'float':
      return checkedNumber(model, field, value, record);
    case 'many2one':
      return checkedReference(store, model, field, value);
    case 'selection':
      if (field.options?.includes(plain(value)) === true) return value;
      throw new UserError(
        `The value "${plain(value)}" for field "${field.label}" in record "()" of "${definitionOf(model).label}" is not one of the allowed options.`,
      );
    case 'boolean':
      return Boolean(value);
    case 'text':
    case 'date':
    case 'datetime':
    case 'one2many':
    case 'many2many':
    case 'computed':
      return value;
  }
}

/** What Python's `str.strip` takes away. */
const blank = String.raw`[\p{White_Space}\u{1c}-\u{1f}]+`;
const around = new RegExp(`^${blank}|${blank}$`, 'gu');

/** A text of one line: without the blanks around it, but for fields that keep them, and without tabs and line breaks in it. */
function checkedLine(model: string, field: FieldDefinition, value: string): string {
  const kept = field.keepsBlanks === true ? value : value.replaceAll(around, '');
  if (!/[\t\n\r\v\f]/.test(kept)) return kept;
  throw new UserError(
    `The value "${kept}" for field "${field.label}" in record "()" of "${definitionOf(model).label}" contains some invalid chars "'\\t'".`,
  );
}

/** The value, or the refusal of a text longer than its field's size. */
export function sized(value: Value, model: string, field: FieldDefinition, size: number | undefined): Value {
  if (size === undefined || typeof value !== 'string' || value.length <= size) return value;
  throw new UserError(
    `The value "${value}" for field "${field.label}" in record "()" of "${definitionOf(model).label}" is too long (${String(value.length)} > ${String(size)}).`,
  );
}

function checkedNumber(model: string, field: FieldDefinition, value: Value, record: string): Value {
  const text = decimalOf(value);
  if (field.digits !== undefined && fractionDigits(text) > field.digits) {
    throw new UserError(
      `The number of digits in the value "'${text}'" for field "${field.label}" in record "${record}" of "${definitionOf(model).label}" exceeds the limit of "(None, ${String(field.digits)})".`,
    );
  }
  if (field.kind === 'float') return Number(text);
  return isTagged(value, 'Decimal') ? value : decimal(text);
}

function checkedReference(store: Store, model: string, field: FieldDefinition, value: Value): Value {
  const id = Number(value);
  // A Python ValueError, which Tryton answers with its text alone.
  if (!Number.isInteger(id)) throw new Error(`invalid literal for int() with base 10: '${plain(value)}'`);
  if (store.row(field.target ?? '', id) !== undefined) return id;
  throw new UserError(`The value "${String(id)}" for field "${field.label}" in "${definitionOf(model).label}" does not exist.`);
}
