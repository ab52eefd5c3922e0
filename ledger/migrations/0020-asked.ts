import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * When Temporal asked for a round of a step and for an attempt of a gate (epoch ms), and which call of a round it was: what an execution asked for that was
 * ended opens nothing behind what its successor asked for. Null where a release before this one opened it.
 */
const statements = [`alter table step add column asked_by text, add column asked_ms bigint`, `alter table gate add column asked_ms bigint`];

export const asked: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
