import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The way from accounts to their records and to what stands open about them, so that what is asked about one wave costs the same however many others
 * there are. Indexes only: a worker of the release before goes on working with them.
 */
const statements = [
  // Led by the account, so that nobody who asks by another key takes them for a way there: before a table is analyzed all ways look alike.
  `create index record_by_account on record (account, scope, wave, object) where latest and account is not null`,
  `create index exception_by_account on exception (account, run) where state = 'open'`,
];

export const byAccount: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
