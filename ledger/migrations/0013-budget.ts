import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Limits of systems, a row for each window of each instance: `source` is `system` where its answers tell the count, `plan` where the plan declares it.
 * Leases and calls spent stand in the row, so that one locked row decides. `metered` names the instances of a plan's systems; `pause` holds what a
 * system asked all its callers to wait.
 */
const statements = [
  `create table budget (
    instance text not null, source text not null, length_ms bigint not null, calls bigint not null, reserve double precision not null,
    spent jsonb not null default '[]', booked bigint not null default 0, others jsonb, looked_at_ms double precision,
    leases jsonb not null default '[]', primary key (instance, source, length_ms)) with (fillfactor = 50)`,
  `create table metered (
    plan text not null, env text not null, system text not null, instance text not null, primary key (plan, env, system, instance))`,
  `create table pause (instance text primary key, until timestamptz not null, at timestamptz not null default clock_timestamp())`,
];

export const budget: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
