import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Indexes for what lanes, verification and rollback ask of many records at once; and comparisons by sweep, so that one needs no list of all its records. */
const statements = [
  `alter table lane drop column last_intent_at`,
  `alter table comparison add column sweep bigint not null default 0`,
  `create table sweep (run text not null, wave text not null, attempt int not null, object text not null, number bigint not null default 1,
    fresh_at timestamptz not null default clock_timestamp(), primary key (run, wave, attempt, object))`,
  `drop index record_by_wave`,
  `create index record_by_wave on record (scope, wave, object, source_id collate "C") where latest`,
  // Led by the id, so that nobody who asks for a record by another key takes them for a way there: before a table is analyzed all ways look alike.
  `drop index crosswalk_by_target`,
  `create index crosswalk_by_target on crosswalk (target_id, target_object, system, scope) where state <> 'retired'`,
  `drop index effect_by_target`,
  `create index effect_by_target on effect (target_id, target_object, system, scope) where target_id is not null`,
  `drop index effect_by_wave`,
  `create index effect_by_attempt on effect (run, wave, attempt, object, target_id)`,
  `create index effect_ambiguous on effect (scope, system, target_object, source_id) where status = 'ambiguous'`,
  `create index effect_creates on effect (run, wave, attempt, ordinal) where operation = 'create'`,
  `create index effect_by_lane on effect (lane, ordinal)`,
  `create index receipt_by_call on receipt (effect, n)`,
  `create index late_open on late (run, wave) where state = 'open'`,
  `create index exception_open on exception (run, wave) where state = 'open'`,
  `create index measurement_latest on measurement (run, wave, attempt, metric, id desc)`,
];

export const sets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
