import { hash } from 'node:crypto';
import { z } from 'zod';
import { fieldNames } from '../accounts.ts';
import { readRows } from './staged-rows.ts';
import type { Tools } from './tools.ts';

const text = z.string().min(1).max(255);
const accountSchema = z.strictObject({
  ...(Object.fromEntries(fieldNames.map((name) => [name, text])) as Record<(typeof fieldNames)[number], typeof text>),
  AccountNumber: z.string().regex(/^A\d{7,}$/),
  Phone: z.string().regex(/^\+1 \d{3} \d{7}$/),
  Website: z.string().regex(/^https:\/\/[a-z0-9.]+$/),
  BillingPostalCode: z.string().regex(/^\d{5}$/),
  ShippingPostalCode: z.string().regex(/^\d{5}$/),
  Sic: z.string().regex(/^\d{4}$/),
});

const upsert = {
  name: 'upsert',
  text: `insert into crosswalk (source_id, target_id, hash) select * from unnest($1::text[], $2::text[], $3::text[])
    on conflict (source_id) do update set target_id = excluded.target_id, hash = excluded.hash, at = clock_timestamp()`,
} as const;

/** What became of a batch, in its order. */
export interface Posted {
  readonly keys: readonly string[];
  readonly ids: readonly string[];
  readonly hashes: readonly string[];
}

/** Reads a batch, validates it and posts it. */
export async function post(tools: Tools, first: number): Promise<Posted> {
  const rows = await readRows(tools, first);
  const accounts = rows.map(({ payload }) => accountSchema.parse(JSON.parse(payload)));
  const hashes = accounts.map((account) => hash('sha256', JSON.stringify(fieldNames.map((name) => account[name]))));
  return { keys: rows.map(({ key }) => key), ids: await tools.target.create(accounts), hashes };
}

/** Keeps which record became which, with a hash of its content. */
export async function keep({ database }: Tools, { keys, ids, hashes }: Posted): Promise<void> {
  await database.query({ ...upsert, values: [keys, ids, hashes] });
}
