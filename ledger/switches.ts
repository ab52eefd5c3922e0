import { sql } from 'kysely';
import { mayBegin, type MayBegin } from '../domain/gates/stops.ts';
import type { WaveAttempt } from '../domain/waves/acts.ts';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import { mayFinishSwitch, mayStartSwitch, type SwitchAnswer } from '../domain/waves/switching.ts';
import { standingOf, type Order } from './acts.ts';
import { setBook, type Books } from './books.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { readStanding } from './holds.ts';
import { enter } from './wave-state.ts';

export type SwitchStep = Exclude<SwitchAnswer, 'late'>;

/** The switch of a wave: state and books move together, in one transaction that reads the stop verbs last (P12). */
export class Switches {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Starts the switch of a wave whose accounts this order sealed; their book stays closed. `overtaken`: another process has acted on the freeze
   * since, and the seal is to be made again. Rejects with WaveMovedOn where it came too late.
   */
  async start(who: WaveAttempt, sealed: Order, books: Books): Promise<SwitchStep> {
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const { rows } = await sql<{ staged: number | null; newest: number }>`select staged_generation as staged,
        (select max(number) from act where run = w.run and wave = w.name and kind in ('freeze', 'seal', 'unseal', 'release', 'thaw')) as newest
        from wave w where run = ${who.run} and name = ${who.wave}`.execute(tx);
      const at = await standingOf(tx, who.run, who.wave);
      const begin = await switchMayGoOn(tx, who);
      const answer =
        at === undefined
          ? 'late'
          : mayStartSwitch({
              attempt: who.attempt,
              generation: sealed.generation,
              at,
              stagedGeneration: rows[0]?.staged ?? null,
              sealOrder: sealed.order,
              newestOrder: rows[0]?.newest ?? 0,
              begin,
            });
      if (answer === 'late') throw new WaveMovedOn(who.wave, who.attempt, 'switching', at);
      if (answer === 'go') {
        await setBook(tx, who.run, who.wave, books);
        await enter(tx, who, at, 'switching');
      }
      return answer;
    });
  }

  /** Ends the switch: the target is the book of record of these accounts from here on. Rejects with WaveMovedOn where it came too late. */
  async finish(who: WaveAttempt, generation: number, books: Books): Promise<SwitchStep> {
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      const begin = await switchMayGoOn(tx, who);
      const answer = at === undefined ? 'late' : mayFinishSwitch({ attempt: who.attempt, generation, at, begin });
      if (answer === 'late') throw new WaveMovedOn(who.wave, who.attempt, 'switched', at);
      if (answer === 'go') {
        await setBook(tx, who.run, who.wave, books);
        await enter(tx, who, at, 'switched');
      }
      return answer;
    });
  }
}

async function switchMayGoOn(tx: Database, { run, wave }: WaveAttempt): Promise<MayBegin> {
  return mayBegin('switch', wave, await readStanding(tx, run));
}
