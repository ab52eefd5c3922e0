import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What the target's own clock showed, at the earliest, when the switch of a wave's attempt began. */
const statements = [
  `create table switch_mark (run text not null, wave text not null, attempt int not null, earliest timestamptz not null,
    noted_at timestamptz not null default clock_timestamp(), primary key (run, wave, attempt))`,
];

export const targets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
