import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * New business that is about to be put into the archive: which record goes into which part is decided once, so that whoever puts a part puts the same.
 * And a record that was taken out of use and is in use again stands under the wave that brought it back.
 */
const statements = [
  `create table business_part (
    scope text not null, part text not null, run text not null references run, keys text[] not null, rows text not null,
    at timestamptz not null default clock_timestamp(), primary key (scope, part))`,
  `create index business_part_by_run on business_part (run)`,
  `update crosswalk c set run = e.run, wave = e.wave from effect e where e.id = c.live_effect and e.operation = 'reactivate' and c.state = 'live'
    and (c.run <> e.run or c.wave <> e.wave)`,
];

export const newBusiness: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
