import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What the newest archived copy of a record holds, by the hash of its contents, so that a record that changed since is told from one that is archived as
 * it stands. Null where a worker of the release before archived it: the part itself then tells.
 */
const statements = [`alter table archived_key add column hash text`];

export const archivedCopies: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
