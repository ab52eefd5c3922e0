import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * What costs each record something and says nothing new: an intent locks its lane by its token in the same transaction, and nobody deletes lanes, so no
 * key is checked for each effect; after-images are read block by block and are not packed.
 */
const statements = [`alter table effect drop constraint effect_lane_fkey`, `alter table image alter column sealed set storage external`];

export const leanIntents: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
