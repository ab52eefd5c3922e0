import { sql, type Transaction } from 'kysely';
import { stoppedKinds, type Hold, type Standing, type Stop } from '../domain/gates/stops.ts';
import { answerBreaches } from './answers.ts';
import { deciding } from './deciding.ts';
import type { Database } from './database.ts';

/** A hold about to be placed. `cause` names what it comes from: the same cause places one hold, however often it is told. */
export interface NewHold extends Omit<Hold, 'number' | 'at'> {
  readonly run: string;
  readonly cause: string;
}

/** A hold with what became of it; `liftedBy` is the request id of the resume, or in words what else lifted it. */
export interface HoldRow extends Hold {
  readonly cause: string;
  readonly liftedAt: Date | null;
  readonly liftedBy: string | null;
}

/** An order to take something back, with the instant it was recorded. */
export type Order = Pick<Stop, 'verb' | 'person' | 'role' | 'reason'> & { readonly at: Date };

type Tx = Transaction<unknown>;

const columns = sql`number, scope, source, person, role, reason, follows, cause, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
  lifted_at as "liftedAt", lifted_by as "liftedBy"`;

/** Holds of a run, and what stands against its going on. */
export class Holds {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Places a hold and raises in the same transaction: after it commits no intent of what it stops begins. Returns its number. */
  async place(hold: NewHold): Promise<number> {
    return deciding(this.#db, hold.run, 'all', (tx) => placeHold(tx, hold));
  }

  /** Lifts holds by their numbers; those already lifted stay as they are. */
  async lift(run: string, numbers: readonly number[], by: string): Promise<void> {
    await deciding(this.#db, run, [], (tx) => liftHolds(tx, run, numbers, by));
  }

  /**
   * Lifts the holds that were placed before this order to take the run back was recorded; returns their numbers. A younger hold stays, however late
   * this is called.
   */
  async liftBefore(run: string, requestId: string, by: string): Promise<readonly number[]> {
    return deciding(this.#db, run, [], async (tx) => {
      const { rows } = await sql<{
        number: number;
      }>`select h.number from hold h join stop s on s.run = h.run and s.scope = 'run' and s.request_id = ${requestId}
        where h.run = ${run} and h.lifted_at is null and h.at <= s.at order by h.number`.execute(tx);
      const numbers = rows.map(({ number }) => number);
      await liftHolds(tx, run, numbers, by);
      return numbers;
    });
  }

  /** Every hold the run ever had, in the order they were placed. */
  async all(run: string): Promise<readonly HoldRow[]> {
    const { rows } = await sql<HoldRow>`select ${columns} from hold where run = ${run} order by number`.execute(this.#db);
    return rows;
  }

  /** What ordered an attempt of a wave back, the first order first: no-gos, rollbacks and breaches against it, and rollbacks of the run. */
  async ordersBack(run: string, wave: string, attempt: number): Promise<readonly Order[]> {
    const { rows } = await sql<Order>`select verb, person, role, reason, at from stop
      where run = ${run} and (scope = 'run' or (scope = ${wave} and attempt = ${attempt})) order by at`.execute(this.#db);
    return rows;
  }

  /** What stands against the run and its waves now. */
  async standing(run: string): Promise<Standing> {
    return readStanding(this.#db, run);
  }
}

/** What stands against a run and the present attempts of its waves; a transaction that decides reads it last, behind its locks. */
export async function readStanding(db: Database, run: string): Promise<Standing> {
  const holds = await sql<HoldRow>`select ${columns} from hold where run = ${run} and lifted_at is null order by number`.execute(db);
  const stops = await sql<Stop>`select s.verb, s.scope, s.request_id as "requestId", s.person, s.role, s.reason,
      case when w.state = 'undoing' or (s.scope = 'run' and r.phase = 'rollback') then 'underWay'
        when w.state in ('rolledBack', 'rolledBackWithExceptions', 'closed') then 'done' else 'toCome' end as back
    from stop s join run r on r.id = s.run left join wave w on w.run = s.run and w.name = s.scope
    where s.run = ${run} and (s.scope = 'run' or s.attempt = w.attempt) order by s.at`.execute(db);
  return { holds: holds.rows, stops: stops.rows };
}

/** Places a hold within a deciding transaction, once for each cause, and raises. Returns its number. */
export async function placeHold(tx: Tx, hold: NewHold): Promise<number> {
  const { rows } = await sql<{ number: number }>`insert into hold (run, number, scope, source, person, role, reason, follows, cause)
    select ${hold.run}, coalesce(max(number), 0) + 1, ${hold.scope}, ${hold.source}, ${hold.person}, ${hold.role}, ${hold.reason}, ${hold.follows}, ${hold.cause}
    from hold where run = ${hold.run} on conflict (run, cause) do nothing returning number`.execute(tx);
  await raiseLanes(tx, hold.run, hold.scope);
  if (rows[0] !== undefined) return rows[0].number;
  const known = await sql<{ number: number }>`select number from hold where run = ${hold.run} and cause = ${hold.cause}`.execute(tx);
  return known.rows[0]?.number ?? 0;
}

/** Writes down a no-go or a rollback against a wave's present attempt (or the run) within a deciding transaction, once, and raises. */
export async function placeStop(tx: Tx, run: string, stop: Stop): Promise<void> {
  await sql`insert into stop (run, scope, attempt, verb, request_id, person, role, reason)
    select ${run}, ${stop.scope}, coalesce((select attempt from wave where run = ${run} and name = ${stop.scope}), 0), ${stop.verb}, ${stop.requestId}, ${stop.person}, ${stop.role}, ${stop.reason}
    on conflict do nothing`.execute(tx);
  await raiseLanes(tx, run, stop.scope);
}

/** Lifts holds within a transaction; those already lifted stay as they are. A guard's breach is answered with its hold. */
export async function liftHolds(tx: Tx, run: string, numbers: readonly number[], by: string): Promise<void> {
  const { rows } = await sql<{
    cause: string;
  }>`update hold set lifted_at = clock_timestamp(), lifted_by = ${by} where run = ${run} and number = any(${[...numbers]}::int[]) and lifted_at is null returning cause`.execute(
    tx,
  );
  await answerBreaches(
    tx,
    run,
    rows.map(({ cause }) => cause),
  );
}

/** Moves on the tokens of unfinished lanes of a wave (or of the run) that a stop stops, so that no intent of theirs begins any more. */
async function raiseLanes(tx: Tx, run: string, scope: string): Promise<void> {
  await sql`update lane set token = token + 1 where run = ${run} and (${scope} = 'run' or wave = ${scope}) and kind = any(${stoppedKinds}) and done_at is null`.execute(
    tx,
  );
}
