import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Owners of target records (P12): one row per target record replaces the unique index by target of the crosswalk. */
const statements = [
  `create table owner (
    scope text not null, system text not null, target_object text not null, target_id text not null, object text not null, source_id text not null,
    since timestamptz not null default clock_timestamp(), primary key (scope, system, target_object, target_id))`,
  `insert into owner (scope, system, target_object, target_id, object, source_id)
    select scope, system, target_object, target_id, object, source_id from crosswalk where owner and state <> 'retired'`,
  `insert into owner (scope, system, target_object, target_id, object, source_id)
    select scope, system, target_object, target_id, object, source_id from effect
    where status in ('intended', 'unknown') and target_id is not null and undoes is null order by ordinal on conflict do nothing`,
  `drop index crosswalk_by_target`,
  `create index crosswalk_by_target on crosswalk (scope, system, target_object, target_id) where state <> 'retired'`,
  `create index effect_by_target on effect (scope, system, target_object, target_id) where target_id is not null`,
];

export const owners: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
