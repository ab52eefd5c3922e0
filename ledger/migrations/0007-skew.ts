import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Offsets of each system's clock against the ledger's, as measured at each claim and each resolve (P12). */
const statements = [
  `create table clock_offset (
    id bigint generated always as identity primary key, scope text not null, system text not null, least_ms double precision not null, most_ms double precision not null,
    at timestamptz not null default clock_timestamp())`,
  `create index clock_offset_by_time on clock_offset (scope, system, at)`,
];

export const skew: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
