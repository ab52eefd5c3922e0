import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * New business that is about to be put into the archive: which record goes into which part is decided once, so that whoever puts a part puts the same.
 * And a record that was taken out of use and is in use again stands under the wave that brought it back.
 */
const statements = [
  // First, because it may read many effects, and the table locks the runs.
  `update crosswalk c set run = e.run, wave = e.wave from (
      select distinct on (scope, system, object, source_id, target_id) scope, system, object, source_id, target_id, run, wave from effect
      where operation = 'reactivate' and undoes is null and status = 'applied' order by scope, system, object, source_id, target_id, intended_at desc
    ) e
    where e.scope = c.scope and e.system = c.system and e.object = c.object and e.source_id = c.source_id and e.target_id = c.target_id
      and c.state = 'live' and (select started_at from run where id = e.run) > (select started_at from run where id = c.run)`,
  `create table business_part (
    scope text not null, part text not null, run text not null references run, keys text[] not null, rows text not null,
    at timestamptz not null default clock_timestamp(), primary key (scope, part))`,
  `create index business_part_by_run on business_part (run)`,
];

export const newBusiness: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
