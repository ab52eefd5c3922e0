import { sql } from 'kysely';
import type { ExceptionKind } from '../domain/exceptions/kind.ts';
import { mayAct, type WaveAttempt } from '../domain/waves/acts.ts';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import { standingOf } from './acts.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { enter } from './wave-state.ts';

export type UndoEnd = 'rolledBack' | 'rolledBackWithExceptions';

/** The end of a rollback. */
export class Undoing {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Ends the rollback of a wave's attempt: exceptions that it made void are closed, rows of records that were only recognised are forgotten, so that
   * the next attempt matches them anew, and the wave's state says whether anything that lasts is open. Repeated, it tells the end there was. Rejects
   * with WaveMovedOn where the wave is not being taken back in this attempt.
   */
  async finish(
    who: WaveAttempt,
    scope: string,
    kinds: { readonly voided: readonly ExceptionKind[]; readonly lasting: readonly ExceptionKind[] },
  ): Promise<UndoEnd> {
    const { run, wave } = who;
    return deciding(this.#db, run, [wave], async (tx) => {
      const at = await standingOf(tx, run, wave);
      if (at === undefined || mayAct({ act: 'takeBack', attempt: who.attempt, generation: null }, at) === 'late')
        throw new WaveMovedOn(wave, who.attempt, 'takeBack', at);
      if (at.state === 'rolledBack' || at.state === 'rolledBackWithExceptions') return at.state;
      await sql`update exception set state = 'closed' where run = ${run} and wave = ${wave} and kind = any(${[...kinds.voided]}) and state = 'open'`.execute(
        tx,
      );
      await sql`update crosswalk set state = 'retired' where scope = ${scope} and run = ${run} and wave = ${wave} and state = 'live' and live_effect is null`.execute(
        tx,
      );
      const { rows } =
        await sql`select 1 from exception where run = ${run} and wave = ${wave} and kind = any(${[...kinds.lasting]}) and state = 'open' limit 1`.execute(
          tx,
        );
      const end = rows.length > 0 ? 'rolledBackWithExceptions' : 'rolledBack';
      await enter(tx, who, at, end);
      return end;
    });
  }
}
