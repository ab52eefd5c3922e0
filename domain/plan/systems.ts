import { z } from 'zod';

/** What becomes of a table or of documents in a status; a table without one stops preflight. */
export const dispositions = ['move', 'match', 'balance', 'runOff', 'archive', 'drop'] as const;
const dispositionSchema = z.enum(dispositions);

const identifier = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'name a table or column in small letters');

/** How a row of a frozen table finds its account: a column of its own, or a lookup through its parent. */
export const accountPathSchema = z.union([
  z.strictObject({ column: identifier }),
  z.strictObject({ column: identifier, lookup: z.strictObject({ table: identifier, key: identifier, account: identifier }) }),
]);
export type AccountPath = z.infer<typeof accountPathSchema>;

/** A configured read: SQL that yields `key` and `account` among its columns; `tables` are those whose changes touch it. */
export const querySchema = z.strictObject({
  sql: z.string().min(1),
  key: identifier,
  account: identifier.nullable(),
  tables: z.array(identifier).min(1),
});
export type SourceQuery = z.infer<typeof querySchema>;

const tableSchema = z.strictObject({
  disposition: dispositionSchema,
  reason: z.string().optional(),
  /** Rows of this table are frozen with their account. */
  account: accountPathSchema.optional(),
});

/** The legacy system: a PostgreSQL database read by configured queries, frozen account by account. */
export const sqlSystemSchema = z.strictObject({
  adapter: z.literal('sql'),
  schema: identifier.default('public'),
  rounding: z.enum(['halfUp', 'halfEven']),
  freeze: z.enum(['triggers', 'grants']).default('triggers'),
  tables: z.record(identifier, tableSchema),
  /** Document statuses by table: an SQL expression that yields the status, and what becomes of each. */
  statuses: z.record(identifier, z.strictObject({ sql: z.string(), values: z.record(z.string(), dispositionSchema) })).default({}),
  queries: z.record(z.string(), querySchema),
});

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
});

export const trytonSystemSchema = z.strictObject({
  adapter: z.literal('tryton'),
  company: z.string(),
  currency: z.string().length(3),
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
export type TrytonSystem = z.infer<typeof trytonSystemSchema>;
