import { sql } from 'kysely';
import type { ExceptionKind } from '../domain/exceptions/kind.ts';
import { mayAct, type WaveAct, type WaveAttempt } from '../domain/waves/acts.ts';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import { standingOf } from './acts.ts';
import { crosswalkColumns, type CrosswalkRow } from './crosswalk-row.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { releaseTargets } from './owners.ts';

/** Accounts that stayed in legacy when their wave switched, and what a wave that takes them up does with what was open about them. */
export interface Joiners {
  readonly scope: string;
  readonly accounts: readonly string[];
  /** Kinds of exceptions that the load of the wave finds anew where their cause still stands. */
  readonly voided: readonly ExceptionKind[];
}

/** An account of a wave. */
interface InWave {
  readonly account: string;
  readonly wave: string;
}

/** Waves in which accounts may have stayed, and the accounts that the plan names for them. */
export interface Left {
  readonly scope: string;
  readonly waves: readonly string[];
  readonly planned: readonly InWave[];
}

/** The wave that an account goes with, and the wave in which it stayed in legacy before. */
export interface Joined {
  readonly wave: string;
  readonly left: string;
}

/** Which accounts go with another wave than the one they stayed in. */
export class Joining {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Accounts of the run that go with another wave than their own, each with that wave and the one it left; the others are absent. */
  async of(run: string): Promise<ReadonlyMap<string, Joined>> {
    const { rows } = await sql<
      Joined & { account: string }
    >`select account, wave, left_wave as "left" from joined where run = ${run} order by account`.execute(this.#db);
    return new Map(rows.map(({ account, wave, left }) => [account, { wave, left }]));
  }

  /**
   * Accounts of these waves that stayed in legacy and may go with another one, in the order of the waves: those that the plan names, that staged records
   * name, or that went with such a wave from another. Without those whose book is the target, that go with another wave by now, or with a write of the
   * present attempt of its wave of which nobody knows what became of it.
   */
  async stayers(run: string, { scope, waves, planned }: Left): Promise<readonly InWave[]> {
    const [accounts, names] = [planned.map(({ account }) => account), planned.map(({ wave }) => wave)];
    const { rows } = await sql<InWave>`select a.account, a.wave from (
        select distinct account, wave from record where scope = ${scope} and latest and account is not null and wave = any(${[...waves]})
        union select account, wave from unnest(${accounts}::text[], ${names}::text[]) as planned(account, wave)
        union select account, wave from joined where run = ${run}) a
      join wave w on w.run = ${run} and w.name = a.wave and w.name = any(${[...waves]})
      where not exists (select 1 from book b where b.scope = ${scope} and b.account = a.account and b.until is null and b.book = 'target')
        and not exists (select 1 from joined j where j.run = ${run} and j.account = a.account and j.wave <> a.wave)
        and not exists (select 1 from exception e left join wave o on o.run = e.run and o.name = e.wave
          where e.run = ${run} and e.account = a.account and e.state = 'open' and e.kind = 'ambiguousOutcome' and e.opened_at >= coalesce(o.opened_at, e.opened_at))
      order by w.ordinal, a.account`.execute(this.#db);
    return rows;
  }

  /**
   * Lets accounts that stayed in a switched wave go with a wave that is about to open. What a load finds anew is closed, what people have to look at
   * goes along, and records that were only recognised are forgotten and give their target records up, so that the wave matches them anew. Rejects with
   * WaveMovedOn where the one is no longer about to open, the other is not switched, or the target is the book of one of these accounts.
   */
  async take(who: WaveAttempt, left: WaveAttempt, { scope, accounts, voided }: Joiners): Promise<void> {
    const some = sql`account = any(${[...accounts]})`;
    await deciding(this.#db, who.run, [left.wave, who.wave], async (tx) => {
      await mayOrThrow(tx, who, 'takeUp');
      await mayOrThrow(tx, left, 'leave');
      const moved = await sql`select 1 from book where scope = ${scope} and ${some} and until is null and book = 'target'`.execute(tx);
      if (moved.rows.length > 0) throw new WaveMovedOn(left.wave, left.attempt, 'leave', await standingOf(tx, left.run, left.wave));
      await sql`insert into joined (run, account, wave, attempt, left_wave) select ${who.run}, a, ${who.wave}, ${who.attempt}, ${left.wave} from unnest(${[...accounts]}::text[]) a
        on conflict (run, account) do update set wave = excluded.wave, attempt = excluded.attempt, left_wave = excluded.left_wave, at = clock_timestamp()`.execute(
        tx,
      );
      await sql`update exception set state = case when kind = any(${[...voided]}) then 'closed' else state end, wave = ${who.wave}
        where run = ${who.run} and ${some} and state = 'open'`.execute(tx);
      const forgotten =
        await sql<CrosswalkRow>`update crosswalk c set state = 'retired' where c.scope = ${scope} and c.run = ${left.run} and c.wave = ${left.wave} and c.state = 'live' and c.live_effect is null
        and exists (select 1 from record r where r.scope = c.scope and r.object = c.object and r.source_id = c.source_id and r.latest and r.account = any(${[...accounts]}))
        returning ${crosswalkColumns('c')}`.execute(tx);
      await releaseTargets(
        tx,
        forgotten.rows.map((row) => ({ ...row, scope })),
      );
    });
  }
}

async function mayOrThrow(tx: Database, who: WaveAttempt, act: WaveAct): Promise<void> {
  const at = await standingOf(tx, who.run, who.wave);
  if (at === undefined || mayAct({ act, attempt: who.attempt, generation: null }, at) !== 'may')
    throw new WaveMovedOn(who.wave, who.attempt, act, at);
}
