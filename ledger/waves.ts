import { sql, type Transaction } from 'kysely';
import { mayBegin } from '../domain/gates/stops.ts';
import { mayAct, type WaveAttempt } from '../domain/waves/acts.ts';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import { mayMove, type WaveState } from '../domain/waves/state.ts';
import { draw, standingOf, type Order } from './acts.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { readStanding } from './holds.ts';

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

export type Book = 'legacy' | 'closed' | 'target';

/** The book of record that accounts get. */
export interface Books {
  readonly scope: string;
  readonly accounts: readonly string[];
  readonly book: Book;
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
    for (const [ordinal, name] of names.entries()) {
      await sql`insert into wave (run, name, ordinal) values (${run}, ${name}, ${ordinal}) on conflict do nothing`.execute(this.#db);
    }
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
   * Moves a wave's attempt on, where the table of its life allows it, and sets the book of record of its accounts in the same transaction;
   * a wave that stands there already only has its book set. Rejects with WaveMovedOn where it stands elsewhere, or where a no-go or a rollback stands
   * against what would begin; a switch that a hold stops rejects too, and may be tried again.
   */
  async move({ run, wave: name, attempt }: WaveAttempt, to: WaveState, books?: Books): Promise<void> {
    await this.#db.transaction().execute(async (tx) => {
      const { rows } = await sql<{
        state: WaveState;
        attempt: number;
      }>`select state, attempt from wave where run = ${run} and name = ${name} for update`.execute(tx);
      const at = rows[0];
      if (at?.attempt !== attempt || (at.state !== to && !mayMove(at.state, to))) throw new WaveMovedOn(name, attempt, to, at);
      if (at.state !== to) await mayBeginOrThrow(tx, { run, wave: name, attempt }, to);
      if (books !== undefined) await setBook(tx, run, name, books);
      if (at.state === to) return;
      await sql`update wave set state = ${to},
          opened_at = case when ${to} = 'loading' then clock_timestamp() else opened_at end,
          switched_at = case when ${to} = 'switched' then clock_timestamp() else switched_at end,
          ended_at = case when ${to} in ('rolledBack', 'rolledBackWithExceptions', 'closed') then clock_timestamp() else ended_at end
        where run = ${run} and name = ${name}`.execute(tx);
    });
  }

  /** Begins the next numbered attempt of a wave that was rolled back, or that never got ready. */
  async nextAttempt(run: string, name: string): Promise<number> {
    const { rows } = await sql<{
      attempt: number;
    }>`update wave set attempt = attempt + 1, state = 'planned', opened_at = null, switched_at = null, ended_at = null,
        staged_generation = null, lease_until = null
      where run = ${run} and name = ${name} and state in ('planned', 'rolledBack', 'rolledBackWithExceptions') returning attempt`.execute(
      this.#db,
    );
    return rows[0]?.attempt ?? (await this.get(run, name)).attempt;
  }

  /**
   * The raise of P1: one transaction, keyed by its request id, sets the wave's state and then moves the tokens of its lanes,
   * so that the set of intents is final when it has committed. Repeating it is a no-op. False where the wave had already ended.
   */
  async raise(requestId: string, run: string, name: string, to: WaveState): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ state: WaveState }>`select state from wave where run = ${run} and name = ${name} for update`.execute(tx);
      const known = await sql`select 1 from raise where request_id = ${requestId}`.execute(tx);
      if (known.rows.length > 0) return true;
      const state = rows[0]?.state;
      if (
        state === undefined ||
        state === 'planned' ||
        state === 'rolledBack' ||
        state === 'rolledBackWithExceptions' ||
        state === 'closed'
      )
        return false;
      await sql`insert into raise (request_id, run, wave, kind) values (${requestId}, ${run}, ${name}, ${to})`.execute(tx);
      await sql`update wave set state = ${to} where run = ${run} and name = ${name}`.execute(tx);
      await sql`update lane set token = token + 1 where run = ${run} and wave = ${name} and kind <> 'undo'`.execute(tx);
      return true;
    });
  }

  /**
   * Starts freeze generation n+1 of a wave's attempt with its lease (ms from now), and draws the order of the freeze. Rejects with WaveMovedOn where
   * it can no longer be frozen.
   */
  async nextGeneration(who: WaveAttempt, leaseMs: number): Promise<Order & { readonly leaseUntil: Date }> {
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      if (at === undefined || mayAct({ act: 'freeze', attempt: who.attempt, generation: null }, at) !== 'may')
        throw new WaveMovedOn(who.wave, who.attempt, 'freeze', at);
      const generation = at.generation + 1;
      const { rows } = await sql<{
        leaseUntil: Date;
      }>`update wave set generation = ${generation}, lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}), staged_generation = null
        where run = ${who.run} and name = ${who.wave} returning lease_until as "leaseUntil"`.execute(tx);
      if (rows[0] === undefined) throw new Error('the ledger gave no lease to a freeze');
      return { generation, order: await draw(tx, { ...who, generation }, 'freeze'), ...rows[0] };
    });
  }

  /** Notes that everything up to `watermark` was staged under this freeze generation (null before any freeze). */
  async setStaged(run: string, name: string, watermark: string, generation: number | null): Promise<void> {
    await sql`update wave set watermark = ${watermark}, staged_generation = ${generation} where run = ${run} and name = ${name}`.execute(
      this.#db,
    );
  }

  /** Sets the book of record of accounts whose wave does not move. */
  async setBook(run: string, wave: string, books: Books): Promise<void> {
    await this.#db.transaction().execute((tx) => setBook(tx, run, wave, books));
  }

  /** Accounts with their present book; accounts never spoken of stand in legacy and are absent. */
  async books(
    scope: string,
  ): Promise<
    readonly { readonly account: string; readonly book: Book; readonly run: string; readonly wave: string; readonly since: Date }[]
  > {
    const { rows } = await sql<{
      account: string;
      book: Book;
      run: string;
      wave: string;
      since: Date;
    }>`select account, book, run, wave, since from book where scope = ${scope} and until is null order by account`.execute(this.#db);
    return rows;
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

  /** Accounts this wave has sealed in the source for its switch, as last confirmed. */
  async sealedAccounts(run: string, wave: string): Promise<readonly string[]> {
    const { rows } = await sql<{
      account: string;
    }>`select account from freeze_item where run = ${run} and wave = ${wave} and state = 'sealed' order by account`.execute(this.#db);
    return rows.map((row) => row.account);
  }

  /** Accounts this wave holds frozen or sealed in the source, as last confirmed. */
  async frozenAccounts(run: string, wave: string): Promise<readonly string[]> {
    const { rows } = await sql<{
      account: string;
    }>`select account from freeze_item where run = ${run} and wave = ${wave} and state in ('frozen', 'sealed') order by account`.execute(
      this.#db,
    );
    return rows.map((row) => row.account);
  }
}

/**
 * A wave or a switch begins only where nothing stands against it, read last, behind the lock that every stop verb takes first. A wave that opens under
 * a hold writes nothing, because its lanes are held; a switch would seal its accounts, and waits.
 */
async function mayBeginOrThrow(tx: Transaction<unknown>, { run, wave, attempt }: WaveAttempt, to: WaveState): Promise<void> {
  if (to !== 'loading' && to !== 'switching') return;
  const may = mayBegin(to === 'loading' ? 'wave' : 'switch', wave, await readStanding(tx, run));
  if (may.may || (may.why === 'hold' && to === 'loading')) return;
  if (may.why === 'hold') throw new Error(`wave ${wave} does not switch now: ${may.detail}; it goes on after the resume`);
  const { rows } = await sql<{
    state: WaveState;
    attempt: number;
  }>`select state, attempt from wave where run = ${run} and name = ${wave}`.execute(tx);
  throw new WaveMovedOn(wave, attempt, to, rows[0]);
}

/** One row ends, the next begins: never two at once. */
async function setBook(tx: Transaction<unknown>, run: string, wave: string, { scope, accounts, book }: Books): Promise<void> {
  await sql`update book set until = clock_timestamp() where scope = ${scope} and account = any(${accounts}) and until is null and (book <> ${book} or run <> ${run})`.execute(
    tx,
  );
  await sql`insert into book (scope, account, run, wave, book) select ${scope}, a, ${run}, ${wave}, ${book} from unnest(${accounts}::text[]) a
    where not exists (select 1 from book b where b.scope = ${scope} and b.account = a and b.until is null)`.execute(tx);
}
