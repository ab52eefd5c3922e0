import { z } from 'zod';
import { largestReserve } from '../budget/reserve.ts';
import { durationSchema } from '../clock/duration.ts';
import { tableNamePattern } from './table-name.ts';

/** What becomes of a table or of documents in a status; a table without one stops preflight. */
export const dispositions = ['move', 'match', 'balance', 'runOff', 'archive', 'drop'] as const;
const dispositionSchema = z.enum(dispositions);
export type Disposition = z.infer<typeof dispositionSchema>;

/** A column as PostgreSQL holds its name, capitals included. */
const identifier = z.string().regex(/^[^\0]{1,63}$/, 'name a column as the database spells it, capitals included');
const tableName = z
  .string()
  .regex(
    tableNamePattern,
    'name a table as "table" or "schema.table", as the database spells it; a part with a point in it stands in quotation marks',
  );
const identifiers = z.union([identifier, z.array(identifier).min(1)]);

/**
 * How a row of a frozen table finds its account: a column of its own, or a lookup through its parent. A parent whose key has several columns is
 * found by as many columns, in the same order.
 */
export const accountPathSchema = z.union([
  z.strictObject({ column: identifier }),
  z.strictObject({ column: identifiers, lookup: z.strictObject({ table: tableName, key: identifiers, account: identifier }) }),
]);
export type AccountPath = z.infer<typeof accountPathSchema>;

/** A configured read: SQL that yields `key` and `account` among its columns; `tables` are those whose changes touch it. */
export const querySchema = z.strictObject({
  sql: z.string().min(1),
  key: identifier,
  account: identifier.nullable(),
  tables: z.array(tableName).min(1),
});
export type SourceQuery = z.infer<typeof querySchema>;

const tableSchema = z.strictObject({
  disposition: dispositionSchema,
  reason: z.string().optional(),
  /** Rows of this table are frozen with their account. */
  account: accountPathSchema.optional(),
  /** SQL over a row that gives the key under which a query yields it; the primary key, where nothing is said. */
  key: z.string().min(1).optional(),
  /** Rows that are entries of a list column of the queries that name this table, and are counted as such. */
  lines: z.strictObject({ list: identifier, where: z.record(identifier, z.string()).default({}) }).optional(),
  /** SQL over a row that gives its currency, and amounts of it by name; the names are those of the object's money rules. */
  currency: z.string().min(1).optional(),
  money: z.record(z.string(), z.string().min(1)).optional(),
  /** For `balance` and `runOff`: the name of the rule, and the SQL condition of the rows it speaks of. */
  rule: z.strictObject({ name: z.string().min(1), where: z.string().min(1) }).optional(),
});

export type TableRule = z.infer<typeof tableSchema>;

/** What becomes of documents in a status: the word alone, or with its reason. */
const statusSchema = z.union([dispositionSchema, z.strictObject({ disposition: dispositionSchema, reason: z.string().min(1) })]);

/** How a system rounds money: one word for the usual rule, or every part of it (see `RoundingRule`). */
const modeSchema = z.enum(['halfUp', 'halfEven']);
const digitsSchema = z.number().int().min(0).max(8).nullable().default(null);
const roundingSchema = z.union([
  modeSchema,
  z.strictObject({
    lines: z.strictObject({ mode: modeSchema, digits: digitsSchema, per: z.enum(['line', 'document']).default('line') }),
    taxes: z.strictObject({
      mode: modeSchema,
      digits: digitsSchema,
      per: z.enum(['line', 'rate', 'document']).default('rate'),
      base: z.enum(['rounded', 'exact']).default('rounded'),
      creditsApart: z.boolean().default(false),
    }),
  }),
]);

/** The legacy system: a PostgreSQL database read by configured queries, frozen account by account. */
export const sqlSystemSchema = z.strictObject({
  adapter: z.literal('sql'),
  schema: identifier.default('public'),
  rounding: roundingSchema,
  freeze: z.enum(['triggers', 'grants']).default('triggers'),
  tables: z.record(tableName, tableSchema),
  /** Document statuses by table: an SQL expression that yields the status, and what becomes of each. */
  statuses: z.record(tableName, z.strictObject({ sql: z.string(), values: z.record(z.string(), statusSchema) })).default({}),
  queries: z.record(z.string(), querySchema),
});

const windowSchema = z
  .strictObject({ calls: z.number().int().min(1), per: durationSchema })
  .refine(({ per }) => per >= 1_000, { path: ['per'], message: 'a limit of calls is for 1s at least' });

/** Limits of a system that it does not tell by itself, and the share of every limit that only a rollback may use. */
const budgetSchema = z.strictObject({
  windows: z.array(windowSchema).default([]),
  reserve: z.number().min(0).max(largestReserve).optional(),
});
export type BudgetPlan = z.infer<typeof budgetSchema>;

export const salesforceSystemSchema = z.strictObject({
  adapter: z.literal('salesforce'),
  apiVersion: z
    .string()
    .regex(/^\d+\.0$/)
    .default('64.0'),
  /** Custom text fields on Account: the pointer `system:id` of the book of record, and the marker that proves a record ours. */
  pointerField: z.string(),
  markerField: z.string(),
  /** The standard field that holds the legacy customer number. */
  keyField: z.string().default('AccountNumber'),
  /** So many new records of one lane, and searches by so many values, go by jobs of the Bulk API; null where none ever does. */
  bulkFrom: z.number().int().min(201).nullable().default(2_001),
  budget: budgetSchema.optional(),
});

export const trytonSystemSchema = z.strictObject({
  adapter: z.literal('tryton'),
  company: z.string(),
  currency: z.string().length(3),
  /** Tryton's own setting `tax_rounding`: taxes are rounded for each line, or once for all lines of one tax. */
  taxRounding: z.enum(['line', 'document']).optional(),
  budget: budgetSchema.optional(),
});

export const archiveSystemSchema = z.strictObject({ adapter: z.literal('archive') });

export const systemSchema = z.discriminatedUnion('adapter', [
  sqlSystemSchema,
  salesforceSystemSchema,
  trytonSystemSchema,
  archiveSystemSchema,
]);
export type SystemPlan = z.infer<typeof systemSchema>;
export type SqlSystem = z.infer<typeof sqlSystemSchema>;
export type SalesforceSystem = z.infer<typeof salesforceSystemSchema>;
/** A status's disposition as a word, and its reason where it has one. */
export function statusRule(status: z.infer<typeof statusSchema>): { readonly disposition: Disposition; readonly reason: string | null } {
  return typeof status === 'string' ? { disposition: status, reason: null } : status;
}
export type TrytonSystem = z.infer<typeof trytonSystemSchema>;

/** The columns named in one place of an account path. */
export function columnsOf(named: string | readonly string[]): readonly string[] {
  return typeof named === 'string' ? [named] : named;
}
