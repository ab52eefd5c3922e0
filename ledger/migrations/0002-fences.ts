import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Acts outside, and the one sequence their orders come from (P12). It begins at the clock, in milliseconds: a ledger that is made anew gives higher
 * numbers than the one before it, which a legacy system may remember.
 */
const statements = [
  `do $$ begin execute format('create table act (
    number bigint generated always as identity (start with %s) primary key, run text not null references run, wave text, attempt int, generation int, kind text not null,
    at timestamptz not null default clock_timestamp())', (extract(epoch from clock_timestamp()) * 1000)::bigint); end $$`,
  `create index act_by_run on act (run, kind)`,
  `alter table freeze_item add column number bigint not null default 0`,
  `alter table wave add column frozen_at timestamptz, add column staging bigint not null default 0`,
];

export const fences: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
