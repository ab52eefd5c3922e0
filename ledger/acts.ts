import { sql } from 'kysely';
import { mayAct, mayActInRun, type RunAct, type WaveAct, type WaveAttempt, type WaveStanding } from '../domain/waves/acts.ts';
import { Overtaken, WaveMovedOn } from '../domain/waves/moved-on.ts';
import type { WaveState } from '../domain/waves/state.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';

/** An act that was allowed: its number orders it among all others, and the freeze generation it concerns. */
export interface Order {
  readonly order: number;
  readonly generation: number;
}

/** Acts outside the ledger: each is allowed, numbered and written down in one transaction that locks run and wave (P12). */
export class Acts {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Allows an act for a wave's attempt (and a freeze generation of it, where given) and draws its order. Null where it has been done already.
   * Rejects with WaveMovedOn where the wave no longer stands, or does not yet stand, where the act belongs; with Overtaken where it was frozen anew.
   */
  async allow(who: WaveAttempt, act: WaveAct, generation: number | null = null): Promise<Order | null> {
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      const answer = at === undefined ? 'late' : mayAct({ act, attempt: who.attempt, generation }, at);
      if (answer === 'over') return null;
      if (answer === 'overtaken') throw new Overtaken(who.wave, act);
      if (at === undefined || answer === 'late') throw new WaveMovedOn(who.wave, who.attempt, act, at);
      return { order: await draw(tx, { ...who, generation: at.generation }, act), generation: at.generation };
    });
  }

  /** Allows an act on the whole run and draws its order; null where the run has ended or one of its waves stands in the way. */
  async allowInRun(run: string, act: RunAct): Promise<number | null> {
    return deciding(this.#db, run, 'all', async (tx) => {
      const { runIsOpen, waves } = await runStands(tx, run);
      const may = mayActInRun(
        act,
        runIsOpen,
        waves.map(({ state }) => state),
      );
      return may ? draw(tx, { run, wave: null, attempt: null, generation: null }, act) : null;
    });
  }

  /** Whether an act of this kind was ever allowed for the run. */
  async was(run: string, act: RunAct): Promise<boolean> {
    const { rows } = await sql`select 1 from act where run = ${run} and kind = ${act} limit 1`.execute(this.#db);
    return rows.length > 0;
  }
}

/** Where a wave stands, for a decision behind its lock; undefined where the ledger knows no such wave. */
export async function standingOf(tx: Database, run: string, wave: string): Promise<WaveStanding | undefined> {
  const { rows } = await sql<WaveStanding>`select r.state = 'open' as "runIsOpen", w.state, w.attempt, w.generation
    from wave w join run r on r.id = w.run where w.run = ${run} and w.name = ${wave}`.execute(tx);
  return rows[0];
}

/** Whether a run is open, and where its waves stand, for a decision behind their locks. */
export async function runStands(
  tx: Database,
  run: string,
): Promise<{ readonly runIsOpen: boolean; readonly waves: readonly { readonly name: string; readonly state: WaveState }[] }> {
  const runs = await sql<{ state: string }>`select state from run where id = ${run}`.execute(tx);
  const waves = await sql<{ name: string; state: WaveState }>`select name, state from wave where run = ${run} order by ordinal`.execute(tx);
  return { runIsOpen: runs.rows[0]?.state === 'open', waves: waves.rows };
}

/** The next number, written down with the act; the caller holds the locks, so that numbers follow the order of decisions. */
export async function draw(
  tx: Database,
  who: { readonly run: string; readonly wave: string | null; readonly attempt: number | null; readonly generation: number | null },
  act: WaveAct | RunAct,
): Promise<number> {
  const { rows } = await sql<{
    number: number;
  }>`insert into act (run, wave, attempt, generation, kind) values (${who.run}, ${who.wave}, ${who.attempt}, ${who.generation}, ${act}) returning number`.execute(
    tx,
  );
  if (rows[0] === undefined) throw new Error('the ledger gave no number to an act');
  return rows[0].number;
}
