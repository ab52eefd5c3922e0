import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What is wrong now, by name (P12): a row for each fault a metric found, healed when a later measurement no longer finds it. */
const statements = [
  `create table fault (
    id bigint generated always as identity primary key, run text not null, wave text not null, attempt int not null, metric text not null, name text not null,
    since timestamptz not null default clock_timestamp(), healed_at timestamptz, accepted_by text[] not null default '{}')`,
  `create unique index one_standing_fault on fault (run, wave, attempt, metric, name) where healed_at is null`,
];

export const outcomes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
