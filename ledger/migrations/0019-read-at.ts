import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** When the reading of a measurement began: one that slept is not stored over a newer one. Null where a release before this one measured. */
const statements = [`alter table measurement add column read_at timestamptz`];

export const readAt: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
