import { sql } from 'kysely';
import type { Database } from './database.ts';
import { effectColumns, unsealEffect, type EffectRow, type SealedEffect } from './effect-row.ts';

/** A write that was reported when it no longer counted. */
export interface LateRow {
  readonly id: number;
  readonly effect: EffectRow;
  readonly targetId: string;
}

/** Writes that were reported too late for the crosswalk to follow (P2). */
export class Late {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Late rows still to be dealt with. */
  async open(run: string, wave: string): Promise<readonly LateRow[]> {
    const { rows } = await sql<
      SealedEffect & { late: number; found: string }
    >`select ${effectColumns}, t.id as late, t.target_id as found from late t join effect e on e.id = t.effect where t.run = ${run} and t.wave = ${wave} and t.state = 'open'`.execute(
      this.#db,
    );
    return rows.map(({ late, found, ...row }) => ({ id: late, effect: unsealEffect(row), targetId: found }));
  }

  async close(id: number, note: string): Promise<void> {
    await sql`update late set state = 'closed', note = ${note} where id = ${id}`.execute(this.#db);
  }
}
