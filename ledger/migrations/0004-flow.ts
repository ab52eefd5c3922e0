import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a workflow needs to be taken up from the ledger: when its timed steps began, and how its children ended (P12). */
const statements = [
  `create table step (
    run text not null references run, wave text not null, attempt int not null, step text not null, round int not null,
    begun_at timestamptz not null default clock_timestamp(), ended_at timestamptz, primary key (run, wave, attempt, step, round))`,
  `create table child_end (
    workflow text primary key, run text not null references run, ended jsonb not null, at timestamptz not null default clock_timestamp())`,
];

export const flow: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
