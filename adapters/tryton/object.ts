import type { FieldShape, ObjectCapability, Operation, RowOutcome, TargetRecord, WriteRow } from '../../contracts/adapter.ts';
import type { Fields, FieldValue } from '../../contracts/fields.ts';
import type { Domain, Writer } from './caller.ts';
import type { Lookups } from './lookups.ts';
import type { Json, JsonObject } from './values.ts';
import { idText, instantText, plainText, textOf } from './values.ts';

/** One kind of record as the adapter offers it, and how it lies in Tryton's models. */
export interface TrytonObject {
  /** The model that `id` counts in. */
  readonly model: string;
  readonly capability: ObjectCapability;
  readonly shape: readonly FieldShape[];
  /** A clause that finds the records with these keys. */
  keyClause(keys: readonly string[]): Json;
  /** Clauses every search carries, such as the one that lets inactive records be found. */
  readonly always: Domain;
  /** Relations whose records are parts of this one, so that a change of theirs is a change of it. */
  readonly parts: readonly string[];
  /** Fields `toRecord` needs. */
  readonly reads: readonly string[];
  toRecord(row: JsonObject, userId: number): TargetRecord;
  /** A domain that finds at least the records which equal the criteria; `matches` then decides. */
  criteriaDomain(criteria: Fields): Domain;
  matches(record: TargetRecord, criteria: Fields): boolean;
  /** What each operation does to a batch; an operation that is missing is refused as `unsupported`. */
  readonly operations: Readonly<Partial<Record<Operation, BatchOperation>>>;
}

/** Applies one operation to rows whose outcomes come back in the same order; throws for whatever stops the batch as a whole. */
export type BatchOperation = (writer: Writer, lookups: Lookups, rows: readonly WriteRow[]) => Promise<readonly RowOutcome[]>;

/** Who made a record and when, as every model tells it. */
export function origin(
  row: JsonObject,
  userId: number,
): { readonly id: string; readonly createdByUs: boolean; readonly createdAt: string | null } {
  return { id: String(idText(row['id'])), createdByUs: row['create_uid'] === userId, createdAt: instantText(row['create_date']) };
}

/** The stamps of a row and of its children, by `model,id`. */
export function stampsIn(model: string, rows: readonly JsonObject[]): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map((row) => [`${model},${String(idText(row['id']))}`, textOf(row['_timestamp']) ?? '']));
}

/** Fields that every read asks for. */
export const originFields: readonly string[] = ['create_uid', 'create_date', '_timestamp'];

/** A pattern for Tryton's `ilike` that finds the text anywhere and whatever its case; its own wildcards are taken literally. */
export function likePattern(value: FieldValue | undefined): string {
  return `%${plainText(value).replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
}

/** Equal as amounts: `"1.50"` and `"1.5"` are. */
export function sameDecimal(one: FieldValue | undefined, other: FieldValue | undefined): boolean {
  return typeof one === 'string' && typeof other === 'string' && plainDecimal(one) === plainDecimal(other);
}

function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
