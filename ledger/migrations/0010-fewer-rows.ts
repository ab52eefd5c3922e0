import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Three rows for each record that is loaded without trouble: its effect, which holds its newest call and changes once, at the receipt; and its row of
 * the crosswalk, which is the owner of its target record too. Receipts have a row for each batch, after-images one for each block of effects; rows of
 * their own have only what a system refused or left unknown, and calls before the newest.
 */
const statements = [
  // Effects: no index covers what a receipt changes, and each page has room for it, so that the change touches no index.
  `alter table effect add column turn int, add column n int not null default 1, add column token int not null default 0, add column timeout_ms int not null default 0,
    add column closed text, add column closed_at timestamptz, add column first_intended_at timestamptz`,
  `update effect e set turn = t.turn from (select id, row_number() over (partition by scope, system, target_object, source_id order by (status in ('intended', 'unknown')), ordinal) as turn
    from effect) t where t.id = e.id`,
  `update effect e set first_intended_at = coalesce((select min(c.intended_at) from call c where c.effect = e.id), e.intended_at)`,
  `update effect e set n = c.n, token = c.token, timeout_ms = c.timeout_ms, closed = c.closed, closed_at = c.closed_at from call c
    where c.effect = e.id and c.n = (select max(l.n) from call l where l.effect = e.id)`,
  `delete from call c using effect e where e.id = c.effect and e.n = c.n`,
  `alter table effect alter column turn set not null, alter column first_intended_at set not null, alter column first_intended_at set default clock_timestamp()`,
  `create table image (id bigint generated always as identity primary key, block bigint not null, ordinals bigint[] not null, sealed text[] not null,
    at timestamptz not null default clock_timestamp())`,
  `create index image_by_block on image (block)`,
  `insert into image (block, ordinals, sealed) select ordinal / 64, array_agg(ordinal order by ordinal), array_agg(after_image order by ordinal)
    from effect where after_image is not null group by 1`,
  `alter table effect drop column after_image`,
  `drop index one_open_effect_per_record, effect_by_record, effect_by_target, effect_by_attempt, effect_ambiguous, effect_creates`,
  // Led by the key, so that it serves who asks by the object of the plan too. Two intents on one record want the same turn, and one of them gets it.
  `create unique index one_turn_per_effect on effect (source_id, target_object, system, scope, turn)`,
  `alter table effect set (fillfactor = 50)`,

  // Receipts: one row for each batch, and one for each call that wrote nothing or whose outcome is unknown.
  `create table failure (effect text not null references effect, n int not null, outcome text not null, kind text, message text, at timestamptz not null default clock_timestamp())`,
  `insert into failure (effect, n, outcome, kind, message, at) select effect, n, outcome, kind, message, at from receipt where outcome in ('rejected', 'unknown')`,
  `create index failure_by_call on failure (effect, n)`,
  `alter table receipt rename to receipt_before`,
  `create table receipt (id bigint generated always as identity primary key, lane bigint not null references lane, token int not null, effects text[] not null,
    ns int[] not null, outcomes text[] not null, target_ids text[] not null, at timestamptz not null default clock_timestamp())`,
  `insert into receipt (lane, token, effects, ns, outcomes, target_ids, at)
    select e.lane, e.token, array[r.effect], array[r.n], array[r.outcome], array[r.target_id], r.at from receipt_before r join effect e on e.id = r.effect order by r.at`,
  `drop table receipt_before`,

  // The crosswalk and the owners in one table: a reserved row only holds its target record, a retired one only tells of the past.
  `alter table crosswalk drop constraint crosswalk_state_check, add check (state in ('reserved','live','deactivated','kept','undoing','retired')),
    alter column origin drop not null, alter column run drop not null, alter column wave drop not null, add check (state = 'reserved' or (origin is not null and run is not null and wave is not null))`,
  `drop index crosswalk_by_source, crosswalk_by_target`,
  `update crosswalk c set owner = false where owner and (state = 'retired' or not exists (select 1 from owner o where o.scope = c.scope and o.system = c.system
    and o.target_object = c.target_object and o.target_id = c.target_id and o.object = c.object and o.source_id = c.source_id))`,
  `insert into crosswalk (scope, object, source_id, system, target_object, target_id, state, first_seen)
    select scope, object, source_id, system, target_object, target_id, 'reserved', since from owner o where not exists (select 1 from crosswalk c where c.owner and c.scope = o.scope
    and c.system = o.system and c.target_object = o.target_object and c.target_id = o.target_id)`,
  `drop table owner`,
  `create unique index crosswalk_by_source on crosswalk (scope, object, source_id, system) where state not in ('reserved', 'retired')`,
  // Led by the id, so that nobody who asks for a record by another key takes them for a way there: before a table is analyzed all ways look alike.
  `create unique index one_owner_per_target on crosswalk (target_id, target_object, system, scope) where owner`,
  `create index crosswalk_beside on crosswalk (target_id, target_object, system, scope) where not owner`,

  // Target records of an attempt, listed when its rollback is planned: the way from them to their effects.
  `create table undo_target (run text not null, wave text not null, attempt int not null, system text not null, target_object text not null, target_id text not null,
    object text not null, source_id text not null, primary key (run, wave, attempt, target_id, target_object, system, object, source_id))`,
  `insert into undo_target select distinct e.run, e.wave, e.attempt, e.system, e.target_object, e.target_id, e.object, e.source_id from effect e
    join lane l on l.run = e.run and l.wave = e.wave and l.attempt = e.attempt and l.kind = 'undo' where e.target_id is not null and e.undoes is null`,
];

export const fewerRows: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
