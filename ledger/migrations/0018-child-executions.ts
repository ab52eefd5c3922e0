import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * By which execution of a child its end was written: one that was terminated and wakes says nothing of its successor under the same id. A release before
 * this one names none.
 */
const statements = [
  `alter table child_end drop constraint child_end_pkey, add column execution text not null default '', add primary key (workflow, execution)`,
];

export const childExecutions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
