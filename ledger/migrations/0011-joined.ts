import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Accounts that stayed in legacy when their wave switched, and go with another wave of the run since. */
const statements = [
  `create table joined (
    run text not null references run, account text not null, wave text not null, attempt int not null, left_wave text not null,
    at timestamptz not null default clock_timestamp(), primary key (run, account))`,
];

export const joined: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
