import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The first set of tables (P11 of the protocols), all times by this database's clock. */
const statements = [
  `create table document (hash text primary key, kind text not null check (kind in ('plan','env')), body jsonb not null, stored_at timestamptz not null default clock_timestamp())`,

  `create table run (
    id text primary key, scope text, plan_hash text not null references document, env_hash text not null references document,
    state text not null default 'open' check (state in ('open','closed','refused','rolledBack','rolledBackWithExceptions')),
    phase text not null default 'preflight', held text, guard_alive_at timestamptz, fingerprint text,
    target_skew_ms int not null default 0, started_at timestamptz not null default clock_timestamp(), ended_at timestamptz)`,
  `create unique index one_open_run_per_scope on run (scope) where state = 'open' and scope is not null`,

  `create table wave (
    run text not null references run, name text not null, ordinal int not null, state text not null default 'planned',
    attempt int not null default 1, held text, manual text, generation int not null default 0, lease_until timestamptz,
    staged_generation int, watermark text, opened_at timestamptz, switched_at timestamptz, ended_at timestamptz, primary key (run, name))`,
  `create table raise (request_id text primary key, run text not null, wave text not null, kind text not null, at timestamptz not null default clock_timestamp())`,

  `create table book (
    scope text not null, account text not null, run text not null, wave text not null, book text not null check (book in ('legacy','closed','target')),
    since timestamptz not null default clock_timestamp(), until timestamptz)`,
  `create unique index one_book_per_account on book (scope, account) where until is null`,

  `create table lane (
    id bigint generated always as identity primary key, run text not null, wave text not null, attempt int not null,
    kind text not null check (kind in ('load','probe','switch','flow','undo','adopt')), object text not null, ordinal int not null, keys text[] not null,
    token int not null default 0, planned_at timestamptz not null default clock_timestamp(), last_intent_at timestamptz, done_at timestamptz, counters jsonb not null default '{}')`,
  `create index lane_by_wave on lane (run, wave, attempt, kind)`,
  `create table claim (
    lane bigint not null references lane, token int not null, system text not null, handle text, opened_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz, primary key (lane, token, system))`,

  `create table record (
    scope text not null, object text not null, source_id text not null, revision int not null, account text, run text not null, wave text not null,
    hash text not null, payload text not null, disposition text not null check (disposition in ('move','match','archive','gone')),
    latest boolean not null default true, staged_at timestamptz not null default clock_timestamp(), primary key (scope, object, source_id, revision))`,
  `create unique index record_latest on record (scope, object, source_id) where latest`,
  `create index record_by_wave on record (scope, wave, object) where latest`,

  `create table crosswalk (
    id bigint generated always as identity primary key, scope text not null, object text not null, source_id text not null, system text not null,
    target_object text not null, target_id text not null, origin text not null check (origin in ('created','matched','adopted')),
    state text not null default 'live' check (state in ('live','deactivated','kept','undoing','retired')), owner boolean not null default true,
    live_effect text, content_hash text, run text not null, wave text not null, first_seen timestamptz not null default clock_timestamp())`,
  `create unique index crosswalk_by_source on crosswalk (scope, object, source_id, system) where state <> 'retired'`,
  `create unique index crosswalk_by_target on crosswalk (scope, system, target_object, target_id) where owner and state <> 'retired'`,

  `create table effect (
    id text primary key, scope text not null, run text not null, wave text not null, attempt int not null, lane bigint not null references lane,
    system text not null, object text not null, target_object text not null, source_id text not null, operation text not null, revision int not null,
    content_hash text not null, fields text not null, before_image text, after_image text, target_id text, origin text,
    status text not null default 'intended', undoes text, reason text, ordinal bigint generated always as identity, intended_at timestamptz not null default clock_timestamp())`,
  `create unique index one_open_effect_per_record on effect (scope, system, target_object, source_id) where status in ('intended','unknown')`,
  `create index effect_by_wave on effect (run, wave, status)`,
  `create index effect_by_record on effect (scope, system, object, source_id)`,
  `create table call (
    effect text not null references effect, n int not null, token int not null, intended_at timestamptz not null default clock_timestamp(),
    timeout_ms int not null, closed text, closed_at timestamptz, primary key (effect, n))`,
  `create table receipt (
    effect text not null references effect, n int not null, outcome text not null, target_id text, kind text, message text,
    at timestamptz not null default clock_timestamp())`,
  `create table late (
    id bigint generated always as identity primary key, run text not null, wave text not null, effect text not null references effect, n int not null,
    target_id text not null, state text not null default 'open', note text, at timestamptz not null default clock_timestamp())`,

  `create table exception (
    id bigint generated always as identity primary key, run text not null, wave text not null, object text not null, source_id text not null, account text,
    kind text not null, message text not null, candidates jsonb not null default '[]', state text not null default 'open', opened_at timestamptz not null default clock_timestamp())`,
  `create unique index one_exception_per_record on exception (run, object, source_id, kind) where state = 'open'`,

  `create table comparison (
    run text not null, wave text not null, object text not null, source_id text not null, differences text[] not null, edited text[] not null default '{}', first_seen timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(), attempt int not null, primary key (run, wave, attempt, object, source_id))`,
  `create table measurement (
    id bigint generated always as identity primary key, run text not null, wave text not null, attempt int not null, metric text not null, rule_version int not null,
    numerator bigint, denominator bigint, samples text[] not null default '{}', error text, at timestamptz not null default clock_timestamp())`,
  `create table verdict (
    id bigint generated always as identity primary key, run text not null, guard text not null, wave text not null, attempt int not null, segment int not null,
    verdict text not null, warn boolean not null, second_look boolean not null default false, reason text not null, k bigint, n bigint, e_value double precision, answer text, at timestamptz not null default clock_timestamp(),
    answered_at timestamptz)`,
  `create index verdict_latest on verdict (run, guard, wave, attempt, id desc)`,

  `create table gate (
    run text not null, gate text not null, attempt int not null, wave text not null, state text not null default 'open', facts jsonb not null, facts_hash text not null,
    shut text[] not null default '{}', notices text[] not null default '{}', opened_at timestamptz not null default clock_timestamp(), deadline_at timestamptz, valid_until timestamptz not null,
    ended_at timestamptz, primary key (run, gate, attempt))`,
  `create table decision (
    request_id text primary key, run text not null, verb text not null, gate text, attempt int, facts_hash text, person text not null, role text, scope text,
    reason text not null, message_hash text not null, outcome text not null, detail text not null, ordinal bigint generated always as identity, at timestamptz not null default clock_timestamp())`,
  `create table freeze_item (
    run text not null, wave text not null, account text not null, generation int not null, state text not null, at timestamptz not null default clock_timestamp(), primary key (run, wave, account))`,
  `create table archived (
    scope text not null, run text not null, object text not null, part text not null, rows int not null, sha256 text not null, money jsonb not null, keys text[] not null,
    lines int not null default 0, at timestamptz not null default clock_timestamp(), primary key (scope, part))`,
  `create table audit_event (
    id bigint generated always as identity primary key, run text not null, wave text, kind text not null, detail jsonb not null default '{}', at timestamptz not null default clock_timestamp())`,
];

export const first: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
