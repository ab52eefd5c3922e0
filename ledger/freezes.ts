import { sql } from 'kysely';
import { mayBegin } from '../domain/gates/stops.ts';
import { mayAct, type WaveAct, type WaveAttempt } from '../domain/waves/acts.ts';
import { Overtaken, WaveMovedOn } from '../domain/waves/moved-on.ts';
import type { WaveState } from '../domain/waves/state.ts';
import { draw, standingOf, type Order } from './acts.ts';
import { setBook, type Books } from './books.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { readStanding } from './holds.ts';
import { enter } from './wave-state.ts';

/** What a freeze item is known to be: ordered, confirmed, sealed, lifted. */
export type FreezeItemState = 'intended' | 'frozen' | 'sealed' | 'thawed';

/** The freezes of waves as the ledger knows them: generations, leases, and the state of each account in legacy as last confirmed. */
export class Freezes {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Starts freeze generation n+1 of a wave's attempt with its lease (ms from now) on these accounts, and draws the order of the freeze. Rejects with
   * WaveMovedOn where it can no longer be frozen, or a no-go or a rollback stands against it, read last.
   */
  async begin(who: WaveAttempt, accounts: readonly string[], leaseMs: number): Promise<Order & { readonly leaseUntil: Date }> {
    return deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      if (at === undefined || mayAct({ act: 'freeze', attempt: who.attempt, generation: null }, at) !== 'may')
        throw new WaveMovedOn(who.wave, who.attempt, 'freeze', at);
      const may = mayBegin('wave', who.wave, await readStanding(tx, who.run));
      if (!may.may && may.why !== 'hold') throw new WaveMovedOn(who.wave, who.attempt, 'freeze', at);
      const generation = at.generation + 1;
      const { rows } = await sql<{
        leaseUntil: Date;
      }>`update wave set generation = ${generation}, frozen_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}), staged_generation = null
        where run = ${who.run} and name = ${who.wave} returning lease_until as "leaseUntil"`.execute(tx);
      if (rows[0] === undefined) throw new Error('the ledger gave no lease to a freeze');
      const order = await draw(tx, { ...who, generation }, 'freeze');
      await note(tx, who, accounts, { order, generation }, 'intended');
      return { generation, order, ...rows[0] };
    });
  }

  /**
   * Writes down what legacy has confirmed of an act, and the book that goes with it, in one transaction. Rejects with WaveMovedOn where the wave has
   * moved on since the act was allowed: then what legacy did is undone by whoever moved it. With Overtaken where another try has frozen it anew. `to` is the state the wave enters with it.
   */
  async confirm(
    who: WaveAttempt,
    act: WaveAct,
    done: {
      readonly order: Order;
      readonly accounts: readonly string[];
      readonly state: FreezeItemState;
      readonly books?: Books;
      readonly to?: WaveState;
    },
  ): Promise<void> {
    await deciding(this.#db, who.run, [who.wave], async (tx) => {
      const at = await standingOf(tx, who.run, who.wave);
      const answer = at === undefined ? 'late' : mayAct({ act, attempt: who.attempt, generation: done.order.generation }, at);
      if (answer === 'overtaken') throw new Overtaken(who.wave, act);
      if (at === undefined || answer !== 'may') throw new WaveMovedOn(who.wave, who.attempt, act, at);
      await note(tx, who, done.accounts, done.order, done.state);
      if (done.books !== undefined) await setBook(tx, who.run, who.wave, done.books);
      if (done.to !== undefined) await enter(tx, who, at, done.to);
    });
  }

  /** Notes a lease that legacy has prolonged, to so long from now (ms). */
  async prolong(who: WaveAttempt, { generation }: Order, leaseMs: number): Promise<void> {
    await sql`update wave set lease_until = greatest(lease_until, clock_timestamp() + make_interval(secs => ${leaseMs / 1000}))
      where run = ${who.run} and name = ${who.wave} and attempt = ${who.attempt} and generation = ${generation} and state = 'frozen'`.execute(
      this.#db,
    );
  }

  /** How long ago the present generation of a wave was frozen, and how long its lease still holds (ms), by this database's clock; null before any. */
  async lease(run: string, wave: string): Promise<{ readonly ageMs: number; readonly leftMs: number } | null> {
    const { rows } = await sql<{ ageMs: number | null; leftMs: number | null }>`
      select (extract(epoch from clock_timestamp() - frozen_at) * 1000)::float8 as "ageMs", (extract(epoch from lease_until - clock_timestamp()) * 1000)::float8 as "leftMs"
      from wave where run = ${run} and name = ${wave}`.execute(this.#db);
    const { ageMs = null, leftMs = null } = rows[0] ?? {};
    return ageMs === null || leftMs === null ? null : { ageMs, leftMs };
  }

  /** Whether a release of accounts was allowed for a wave and nothing has been confirmed since: legacy may have opened them already. */
  async isReleasing(run: string, wave: string): Promise<boolean> {
    const { rows } = await sql`select 1 from act where run = ${run} and wave = ${wave} and kind = 'release'
      and number > (select coalesce(max(number), 0) from freeze_item where run = ${run} and wave = ${wave})`.execute(this.#db);
    return rows.length > 0;
  }

  /** Accounts a wave holds in legacy as last confirmed: frozen or sealed, or sealed only. */
  async held(run: string, wave: string, states: readonly FreezeItemState[] = ['frozen', 'sealed']): Promise<readonly string[]> {
    const { rows } = await sql<{
      account: string;
    }>`select account from freeze_item where run = ${run} and wave = ${wave} and state = any(${states}) order by account`.execute(this.#db);
    return rows.map((row) => row.account);
  }

  /** Accounts that this generation of a wave's freeze closed in legacy, and that were not opened again. */
  async heldBy(run: string, wave: string, generation: number): Promise<readonly string[]> {
    const { rows } = await sql<{ account: string }>`select account from freeze_item
      where run = ${run} and wave = ${wave} and generation = ${generation} and state in ('frozen', 'sealed') order by account`.execute(
      this.#db,
    );
    return rows.map((row) => row.account);
  }
}

/** The newest order about an account wins, whatever is confirmed last. */
async function note(
  tx: Database,
  who: WaveAttempt,
  accounts: readonly string[],
  { order, generation }: Order,
  state: FreezeItemState,
): Promise<void> {
  await sql`insert into freeze_item as held (run, wave, account, generation, number, state)
    select ${who.run}, ${who.wave}, a, ${generation}, ${order}, ${state} from unnest(${[...accounts]}::text[]) a
    on conflict (run, wave, account) do update set generation = excluded.generation, number = excluded.number, state = excluded.state, at = clock_timestamp()
    where held.number <= excluded.number`.execute(tx);
}
