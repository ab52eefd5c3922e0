import { sql } from 'kysely';
import { mayAct, mayActInRun, type WaveAttempt } from '../domain/waves/acts.ts';
import { Overtaken, RunMovedOn, WaveMovedOn } from '../domain/waves/moved-on.ts';
import type { WaveState } from '../domain/waves/state.ts';
import { draw, runStands, standingOf } from './acts.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';

/** One reading of the source into the ledger. A later one about the same waves fences it. */
export interface Staging {
  readonly run: string;
  readonly waves: readonly string[];
  readonly order: number;
  /** The freeze generation it reads under; null where its wave is not frozen. */
  readonly generation: number | null;
}

/** Readings of the source: the newest one of a wave stages, an older one that slept is refused. */
export class Stagings {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Begins to read for a wave's attempt. Rejects with WaveMovedOn where nothing may be staged for it any more. */
  async begin(who: WaveAttempt): Promise<Staging> {
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      if (at === undefined || mayAct({ act: 'stage', attempt: who.attempt, generation: null }, at) !== 'may')
        throw new WaveMovedOn(who.wave, who.attempt, 'stage', at);
      const order = await draw(tx, { ...who, generation: at.generation }, 'stage');
      return mark(tx, { run: who.run, waves: [who.wave], order, generation: at.state === 'frozen' ? at.generation : null });
    });
  }

  /** Begins the baseline of all waves. Rejects with RunMovedOn where one of them has begun. */
  async beginAll(run: string): Promise<Staging> {
    return deciding(this.#db, run, 'all', async (tx) => {
      const { runIsOpen, waves } = await runStands(tx, run);
      if (
        !mayActInRun(
          'export',
          runIsOpen,
          waves.map(({ state }) => state),
        )
      )
        throw new RunMovedOn(run, 'stage its baseline');
      const order = await draw(tx, { run, wave: null, attempt: null, generation: null }, 'export');
      return mark(tx, { run, waves: waves.map(({ name }) => name), order, generation: null });
    });
  }

  /** Notes that everything up to `watermark` was staged, under the generation it was read under. Rejects with Overtaken where a later reading has begun. */
  async finish(staging: Staging, watermark: string): Promise<void> {
    await deciding(this.#db, staging.run, staging.waves, async (tx) => {
      await holdStaging(tx, staging);
      await sql`update wave set watermark = ${watermark}, staged_generation = ${staging.generation}
        where run = ${staging.run} and name = any(${[...staging.waves]}) and (${staging.generation}::int is null or generation = ${staging.generation})`.execute(
        tx,
      );
    });
  }
}

async function mark(tx: Database, staging: Staging): Promise<Staging> {
  await sql`update wave set staging = ${staging.order} where run = ${staging.run} and name = any(${[...staging.waves]})`.execute(tx);
  return staging;
}

/** Keeps others from overtaking a reading until the transaction ends. Rejects with Overtaken where one has, with WaveMovedOn where its wave has moved on. */
export async function holdStaging(tx: Database, { run, waves, order }: Staging): Promise<void> {
  const { rows } = await sql<{
    name: string;
    state: WaveState;
    attempt: number;
    staging: number;
  }>`select name, state, attempt, staging from wave where run = ${run} and name = any(${[...waves]}) order by ordinal for share`.execute(
    tx,
  );
  const over = rows.find(
    (row) =>
      mayAct(
        { act: 'stage', attempt: row.attempt, generation: null },
        { runIsOpen: true, state: row.state, attempt: row.attempt, generation: 0 },
      ) !== 'may',
  );
  if (over !== undefined) throw new WaveMovedOn(over.name, over.attempt, 'stage', over);
  const later = rows.find((row) => row.staging !== order);
  if (later !== undefined) throw new Overtaken(later.name, 'stage');
}
