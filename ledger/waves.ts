import { sql } from 'kysely';
import { mayBegin } from '../domain/gates/stops.ts';
import { mayBeginAt, mayRaise, type WaveAttempt, type WaveStanding } from '../domain/waves/acts.ts';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import { mayMove, type WaveState } from '../domain/waves/state.ts';
import { standingOf } from './acts.ts';
import { closeTargetBooks, readBooks, type BookRow } from './books.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { readStanding } from './holds.ts';
import { enter } from './wave-state.ts';

export interface WaveRow {
  readonly run: string;
  readonly name: string;
  readonly ordinal: number;
  readonly state: WaveState;
  readonly attempt: number;
  readonly held: string | null;
  readonly generation: number;
  readonly stagedGeneration: number | null;
  readonly leaseUntil: Date | null;
  readonly watermark: string | null;
  readonly openedAt: Date | null;
  readonly switchedAt: Date | null;
}

const columns = sql`run, name, ordinal, state, attempt, held, generation, staged_generation as "stagedGeneration", lease_until as "leaseUntil", watermark,
  opened_at as "openedAt", switched_at as "switchedAt"`;

/** Waves of a run, their states, and the book of record of every account. */
export class Waves {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async plan(run: string, names: readonly string[]): Promise<void> {
    await sql`insert into wave (run, name, ordinal) select ${run}, name, place - 1 from unnest(${[...names]}::text[]) with ordinality as planned(name, place)
      on conflict do nothing`.execute(this.#db);
  }

  async get(run: string, name: string): Promise<WaveRow> {
    const { rows } = await sql<WaveRow>`select ${columns} from wave where run = ${run} and name = ${name}`.execute(this.#db);
    const row = rows[0];
    if (!row) throw new Error(`the ledger knows no wave ${name} of run ${run}`);
    return row;
  }

  async all(run: string): Promise<readonly WaveRow[]> {
    const { rows } = await sql<WaveRow>`select ${columns} from wave where run = ${run} order by ordinal`.execute(this.#db);
    return rows;
  }

  /**
   * Moves a wave's attempt on, where the table of its life allows it; one that stands there already stays. Rejects with WaveMovedOn where it stands
   * elsewhere, is another attempt, or its run has ended, or where a no-go or a rollback stands against what would begin; a switch that a hold stops
   * rejects too, and may be tried again.
   */
  async move(who: WaveAttempt, to: WaveState): Promise<void> {
    await deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      if (at?.runIsOpen !== true) throw new WaveMovedOn(who.wave, who.attempt, to, at);
      if (at.attempt === who.attempt && at.state !== to && mayMove(at.state, to)) await mayBeginOrThrow(tx, who, to, at);
      await enter(tx, who, at, to);
    });
  }

  /**
   * Begins an attempt: the next one of a wave that was taken back, then (`to` loading) its work. The stop verbs are read last. A wave that is
   * further on in this attempt stays where it is. Rejects with WaveMovedOn where it is another attempt.
   */
  async begin(who: WaveAttempt, what: 'wave' | 'attempt'): Promise<'begun' | 'held' | 'stopped'> {
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      const before = mayBeginAt(what, who.attempt, at);
      if (before === 'already') return 'begun';
      if (before === 'late') throw new WaveMovedOn(who.wave, who.attempt, what === 'wave' ? 'loading' : 'planned', at);
      const begin = mayBegin(what, who.wave, await readStanding(tx, who.run));
      // A hold stops what an attempt does, and not that it is numbered.
      if (!begin.may && (begin.why !== 'hold' || what === 'wave')) return begin.why === 'hold' ? 'held' : 'stopped';
      if (what === 'wave') await enter(tx, who, at, 'loading');
      else
        await sql`update wave set attempt = ${who.attempt}, state = 'planned', opened_at = null, switched_at = null, ended_at = null,
            staged_generation = null, lease_until = null, frozen_at = null
          where run = ${who.run} and name = ${who.wave}`.execute(tx);
      return 'begun';
    });
  }

  /**
   * The raise of P1: one transaction, keyed by its request id within the run, sets the wave's state and moves the tokens of its lanes, so that the set of intents is
   * final when it has committed. Books that are the target's are closed, open gates end, and breaches of this attempt are answered. Repeating it is
   * a no-op. False where the wave has not begun, has ended or is another attempt, or the run has ended.
   */
  async raise(requestId: string, who: WaveAttempt): Promise<boolean> {
    const { run, wave, attempt } = who;
    return deciding(this.#db, run, [wave], async (tx) => {
      const at = await standingOf(tx, run, wave);
      if (at?.runIsOpen !== true || at.attempt !== attempt) return false;
      // The release before wrote the request id alone, which a later run may use again.
      const own = `${run}/${requestId}`;
      const known = await sql`select 1 from raise where request_id in (${requestId}, ${own}) and run = ${run}`.execute(tx);
      if (known.rows.length > 0) return true;
      if (!mayRaise(at.state)) return false;
      await sql`insert into raise (request_id, run, wave, kind) values (${own}, ${run}, ${wave}, 'undoing')`.execute(tx);
      await sql`update wave set state = 'undoing' where run = ${run} and name = ${wave}`.execute(tx);
      await sql`update lane set token = token + 1 where run = ${run} and wave = ${wave} and kind <> 'undo'`.execute(tx);
      await closeTargetBooks(tx, run, wave);
      await sql`update gate set state = 'moot', ended_at = clock_timestamp() where run = ${run} and wave = ${wave} and state = 'open'`.execute(
        tx,
      );
      await sql`update verdict set answered_at = clock_timestamp() where run = ${run} and wave = ${wave} and attempt <= ${attempt} and verdict = 'breach' and answered_at is null`.execute(
        tx,
      );
      return true;
    });
  }

  /** Accounts with their present book, of these or (null) of all; accounts never spoken of stand in legacy and are absent. */
  async books(scope: string, accounts: readonly string[] | null = null): Promise<readonly BookRow[]> {
    return readBooks(this.#db, scope, accounts);
  }

  /** Accounts whose book an earlier run than this has made the target's. */
  async switchedBefore(scope: string, run: string): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{
      account: string;
    }>`select account from book where scope = ${scope} and book = 'target' and run <> ${run} and until is null`.execute(this.#db);
    return new Set(rows.map(({ account }) => account));
  }

  /** Accounts that staged records of a wave belong to. */
  async stagedAccounts(scope: string, wave: string): Promise<readonly string[]> {
    const { rows } = await sql<{
      account: string;
    }>`select distinct account from record where scope = ${scope} and wave = ${wave} and latest and account is not null order by account`.execute(
      this.#db,
    );
    return rows.map((row) => row.account);
  }
}

/**
 * A wave or a switch begins only where nothing stands against it, read last, behind the lock that every stop verb takes first. A wave that opens under
 * a hold writes nothing, because its lanes are held; a switch would seal its accounts, and waits.
 */
async function mayBeginOrThrow(tx: Database, { run, wave, attempt }: WaveAttempt, to: WaveState, at: WaveStanding): Promise<void> {
  if (to !== 'loading' && to !== 'switching') return;
  const may = mayBegin(to === 'loading' ? 'wave' : 'switch', wave, await readStanding(tx, run));
  if (may.may || (may.why === 'hold' && to === 'loading')) return;
  if (may.why === 'hold') throw new Error(`wave ${wave} does not switch now: ${may.detail}; it goes on after the resume`);
  throw new WaveMovedOn(wave, attempt, to, at);
}
