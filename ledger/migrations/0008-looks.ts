import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The newest look at each guard of a wave attempt, beside its verdicts, which have a row for each change. */
const statements = [
  `create table look (
    run text not null references run, guard text not null, wave text not null, attempt int not null,
    verdict text not null, warn boolean not null, reason text not null, k bigint, n bigint, e_value double precision,
    measured_at timestamptz, at timestamptz not null default clock_timestamp(), primary key (run, guard, wave, attempt))`,
  `insert into look (run, guard, wave, attempt, verdict, warn, reason, k, n, e_value, at)
    select distinct on (run, guard, wave, attempt) run, guard, wave, attempt, verdict, warn, reason, k, n, e_value, at from verdict
    order by run, guard, wave, attempt, id desc`,
];

export const looks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
