import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** By which call of an activity an attempt of a gate was opened: a try of the same call that slept finds it, and opens no other one over it. */
const statements = [`alter table gate add column opened_by text`, `create unique index gate_opened_by on gate (run, gate, opened_by)`];

export const gateCalls: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
