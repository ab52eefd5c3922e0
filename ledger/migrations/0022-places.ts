import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Up to where a call of an activity has read and done everything, so that a later try goes on from there. It names the last record by its key, which must
 * not stand in a history: a sign of life that is told to Temporal may end there.
 */
const statements = [
  `create table place (call text primary key, run text not null references run, try int not null, mark jsonb not null,
    at timestamptz not null default clock_timestamp())`,
];

export const places: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
