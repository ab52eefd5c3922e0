import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Holds as a list, what stands against a wave attempt or the run, and what a gate was opened for; all times by this database's clock. */
const statements = [
  `create table hold (
    run text not null references run, number int not null, scope text not null,
    source text not null check (source in ('person','guard','gate','run','temporal')), person text, role text, reason text not null, follows text,
    cause text not null, at timestamptz not null default clock_timestamp(), lifted_at timestamptz, lifted_by text, primary key (run, number), unique (run, cause))`,
  `create table stop (
    run text not null references run, scope text not null, attempt int not null, verb text not null check (verb in ('noGo','rollback')), request_id text not null,
    person text, role text, reason text not null, at timestamptz not null default clock_timestamp(), primary key (run, scope, attempt, request_id))`,
  `insert into hold (run, number, scope, source, reason, cause) select id, 1, 'run', 'run', held, 'before the list of holds' from run where held is not null`,
  `alter table run drop column held`,
  `alter table gate add column kind text not null default 'switch' check (kind in ('baseline','switch','retry','close')), add column wave_attempt int not null default 1,
    add column measured_at timestamptz not null default clock_timestamp()`,
  `update gate set state = case state when 'lapsed' then 'remeasure' when 'stopped' then 'moot' else state end`,
  `update gate set kind = case when gate = 'baseline' then 'baseline' when gate = 'close' then 'close' when gate like 'retry-%' then 'retry' else 'switch' end`,
];

export const holds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
