import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Indexes for what lanes, verification and rollback ask of many records at once. */
const statements = [
  `create index effect_by_lane on effect (lane, ordinal)`,
  `create index call_open on call (effect) where closed is null`,
  `create index receipt_by_call on receipt (effect, n)`,
  `create index late_open on late (run, wave) where state = 'open'`,
  `create index lane_by_wave on lane (run, wave, attempt, kind, object)`,
  `create index exception_open on exception (run, wave) where state = 'open'`,
  `create index measurement_latest on measurement (run, wave, attempt, metric, id desc)`,
];

export const sets: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
