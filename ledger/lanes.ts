import { sql, type Transaction } from 'kysely';
import { judgeClaim, standingOn, type LaneCase } from '../domain/gates/stops.ts';
import { mayPlan, type WaveAttempt } from '../domain/waves/acts.ts';
import type { Progress } from '../domain/waves/pace.ts';
import { WaveMovedOn } from '../domain/waves/moved-on.ts';
import { mayWrite, type LaneKind, type WaveState } from '../domain/waves/state.ts';
import { standingOf } from './acts.ts';
import type { Database } from './database.ts';
import { deciding } from './deciding.ts';
import { readStanding } from './holds.ts';
import { tableOf } from './rows.ts';
import { seal, unsealText } from './sealed.ts';
import type { LaneToken } from './tokens.ts';

export interface LaneRow {
  readonly id: number;
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
  readonly kind: LaneKind;
  readonly object: string;
  readonly ordinal: number;
  readonly keys: readonly string[];
  readonly done: boolean;
}

/** One counter of the lanes of a wave attempt, by object and kind. */
export interface LaneCounter {
  readonly attempt: number;
  readonly object: string;
  readonly kind: LaneKind;
  readonly name: string;
  readonly value: number;
}

/** Lanes of one kind and object of a wave's present attempt, as they were last planned, while one of them is to do. */
export interface LaneWork extends Progress {
  readonly wave: string;
  readonly state: WaveState;
  readonly kind: LaneKind;
  readonly object: string;
}

/** What a lane is for, before it has its keys. */
export type NewLane = Pick<LaneRow, 'run' | 'wave' | 'attempt' | 'kind' | 'object'>;

/** Why a claim was refused, in words for the Timeline. */
export type Claim = { readonly token: number } | { readonly refused: 'held' | 'noGuard' | 'fenced' };

const columns = sql`id, run, wave, attempt, kind, object, ordinal, keys, done_at is not null as done`;

/** Lanes: the units that may write, fenced by a token (P1). */
export class Lanes {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Cuts keys into lanes of at most `size`, in the given order; returns their ids. Rejects with WaveMovedOn where the wave's attempt is over, or
   * stands where lanes of this kind are not planned: then none is made. `readAt`: when the reading began that gave the keys, where that is told.
   */
  async plan(lane: NewLane, keys: readonly string[], size: number, readAt: Date | null = null): Promise<readonly number[]> {
    return deciding(this.#db, lane.run, [lane.wave], async (tx) => {
      await refuseLate(tx, lane);
      const cuts: NewKeys[] = [];
      for (let start = 0; start < keys.length; start += size) cuts.push({ ordinal: start / size, keys: keys.slice(start, start + size) });
      return insert(tx, lane, cuts, readAt);
    });
  }

  /** The one lane of this kind and object that a wave attempt has: every call of the activity claims it anew, and so fences the call before. */
  async only(lane: NewLane, keys: readonly string[]): Promise<number> {
    return deciding(this.#db, lane.run, [lane.wave], async (tx) => {
      const { rows } = await sql<{
        id: number;
      }>`select id from lane where run = ${lane.run} and wave = ${lane.wave} and attempt = ${lane.attempt} and kind = ${lane.kind} and object = ${lane.object}`.execute(
        tx,
      );
      if (rows[0] !== undefined) return rows[0].id;
      await refuseLate(tx, lane);
      const [id] = await insert(tx, lane, [{ ordinal: 0, keys }], null);
      if (id === undefined) throw new Error('the ledger gave no id to a new lane');
      return id;
    });
  }

  /**
   * Up to when the source was read for the last load of this wave attempt; null before the first. Lanes that nobody has done do not count: a try that slept
   * may have planned them, which nobody asks for them.
   */
  async lastPlanned(run: string, wave: string, attempt: number): Promise<Date | null> {
    const { rows } = await sql<{
      at: Date | null;
    }>`select max(planned_at) as at from lane where run = ${run} and wave = ${wave} and attempt = ${attempt} and kind = 'load' and done_at is not null`.execute(
      this.#db,
    );
    return rows[0]?.at ?? null;
  }

  /** Lanes of this kind of a wave attempt that were planned and not finished, in the order they were planned. */
  async unfinished({ run, wave, attempt }: WaveAttempt, kind: LaneKind): Promise<readonly number[]> {
    const { rows } = await sql<{ id: number }>`select id from lane
      where run = ${run} and wave = ${wave} and attempt = ${attempt} and kind = ${kind} and done_at is null order by id`.execute(this.#db);
    return rows.map(({ id }) => id);
  }

  async get(id: number): Promise<LaneRow> {
    const { rows } = await sql<LaneRow>`select ${columns} from lane where id = ${id}`.execute(this.#db);
    const row = rows[0];
    if (!row) throw new Error(`the ledger knows no lane ${String(id)}`);
    return row;
  }

  /**
   * Claims a lane for one activity attempt: the wave's state must let this kind write, no hold may stop it, and a load needs a living guard
   * (`guardWithinMs`). The new token fences every earlier claim; one that had done the lane without anybody hearing of it does not count, so that a hold
   * stops this one too. What stands is read behind the lock that every stop takes first.
   */
  async claim(id: number, guardWithinMs: number): Promise<Claim> {
    return this.#db.transaction().execute(async (tx) => {
      const at = await lockLane(tx, id, guardWithinMs);
      if (at === null) return { refused: 'fenced' };
      const claim = judgeClaim(at);
      if (claim !== 'claimed') return { refused: claim };
      const taken = await sql<{
        token: number;
      }>`update lane set token = token + 1, done_at = null where id = ${id} returning token`.execute(tx);
      return { token: taken.rows[0]?.token ?? 0 };
    });
  }

  /** Records the session a claim writes through, before its first write; the handle is a credential and goes through the sealed seam. */
  async openSession(id: number, token: number, system: string, handle: string): Promise<void> {
    await sql`insert into claim (lane, token, system, handle) values (${id}, ${token}, ${system}, ${seal(handle)})`.execute(this.#db);
  }

  /**
   * Replaces the handle of the session of this claim, before the system begins with what it names. False where the lane is no longer this claim's: whoever
   * took it over reads all handles that were kept, because a claim or a raise waits for this statement or comes before it.
   */
  async remember({ lane, token }: LaneToken, system: string, handle: string): Promise<boolean> {
    const { rows } = await sql`with own as (select id from lane where id = ${lane} and token = ${token} for share)
      update claim c set handle = ${seal(handle)} from own
      where c.lane = own.id and c.token = ${token} and c.system = ${system} and c.ended_at is null returning 1`.execute(this.#db);
    return rows.length > 0;
  }

  async endSession(id: number, token: number, system: string): Promise<void> {
    await sql`update claim set ended_at = clock_timestamp(), handle = null where lane = ${id} and token = ${token} and system = ${system}`.execute(
      this.#db,
    );
  }

  /**
   * Sessions not yet known to be ended: of the claims of a lane before this one, or of a wave up to this attempt. Those of undo lanes are among them that
   * were planned before the wave was taken back: they let accounts go, and nobody claims them again.
   */
  async openSessions(
    of: { readonly lane: number; readonly before: number } | WaveAttempt,
  ): Promise<readonly { readonly lane: number; readonly token: number; readonly system: string; readonly handle: string }[]> {
    const which =
      'lane' in of
        ? sql`l.id = ${of.lane} and c.token < ${of.before}`
        : sql`l.run = ${of.run} and l.wave = ${of.wave} and l.attempt <= ${of.attempt}
            and (l.kind <> 'undo' or l.planned_at < (select max(r.at) from raise r where r.run = l.run and r.wave = l.wave))`;
    const { rows } = await sql<{
      lane: number;
      token: number;
      system: string;
      handle: string;
    }>`select c.lane, c.token, c.system, c.handle from claim c join lane l on l.id = c.lane
      where ${which} and c.ended_at is null`.execute(this.#db);
    return rows.map((row) => ({ ...row, handle: unsealText(row.handle) }));
  }

  /** Adds to the counters people see; they are re-proved against receipts at verify. */
  async count(id: number, added: Readonly<Record<string, number>>): Promise<void> {
    await sql`update lane set counters = counters || (select coalesce(jsonb_object_agg(e.key, coalesce((counters->>e.key)::bigint, 0) + e.value::bigint), '{}') from jsonb_each_text(${JSON.stringify(added)}::jsonb) e)
      where id = ${id}`.execute(this.#db);
  }

  /** Marks a lane as done by this claim. False where another claim or a hold has taken it by now. */
  async finish(id: number, token: number): Promise<boolean> {
    const { rows } = await sql`update lane set done_at = clock_timestamp() where id = ${id} and token = ${token} returning id`.execute(
      this.#db,
    );
    return rows.length > 0;
  }

  /**
   * What the lanes of a run's waves still have to do where they stand, by wave, kind and object. Of a lane that is under way the writes count that have an
   * answer: it counts itself at its end alone.
   */
  async work(run: string): Promise<readonly LaneWork[]> {
    const { rows } = await sql<LaneWork>`
      select l.wave, w.state, l.kind, l.object, sum(cardinality(l.keys))::int as total,
        sum(case when l.done_at is null then least(cardinality(l.keys), greatest(answered.writes,
            coalesce((l.counters->>'applied')::int, 0) + coalesce((l.counters->>'refused')::int, 0) + coalesce((l.counters->>'kept')::int, 0)))
          else cardinality(l.keys) end)::int as done,
        (extract(epoch from clock_timestamp() - min(c.opened_at)) * 1000)::float8 as "elapsedMs"
      from lane l join wave w on w.run = l.run and w.name = l.wave and w.attempt = l.attempt
        left join lateral (select min(opened_at) as opened_at from claim where lane = l.id) c on true
        left join lateral (select count(*) as writes from effect e where l.done_at is null and e.lane = l.id and e.closed is not null) answered on true
      where l.run = ${run} and l.id >= (select max(p.id) from lane p
        where p.run = l.run and p.wave = l.wave and p.attempt = l.attempt and p.kind = l.kind and p.object = l.object and p.ordinal = 0)
      group by 1, 2, 3, 4 having bool_or(l.done_at is null) order by min(l.id)`.execute(this.#db);
    return rows.filter(({ state, kind }) => mayWrite(state, kind));
  }

  /** What the lanes of a wave counted, by attempt and object. */
  async counters(run: string, wave: string): Promise<readonly LaneCounter[]> {
    const { rows } =
      await sql<LaneCounter>`select l.attempt, l.object, l.kind, c.key as name, sum(c.value::bigint)::bigint as value from lane l, jsonb_each_text(l.counters) c
      where l.run = ${run} and l.wave = ${wave} group by 1, 2, 3, 4 order by 1, 2, 3, 4`.execute(this.#db);
    return rows;
  }
}

/** Locks the wave of a lane as a claim does, and reads where the lane stands; null where there is no such lane. Manual mode holds a wave as a hold does. */
async function lockLane(tx: Transaction<unknown>, id: number, guardWithinMs: number): Promise<LaneCase | null> {
  const { rows } = await sql<{
    run: string;
    wave: string;
    kind: LaneKind;
    attempt: number;
  }>`select l.run, l.wave, l.kind, l.attempt from lane l join wave w on w.run = l.run and w.name = l.wave where l.id = ${id} for share of w`.execute(
    tx,
  );
  const lane = rows[0];
  if (lane === undefined) return null;
  const wave = await sql<{
    state: WaveState;
    current: number;
    guarded: boolean;
  }>`select w.state, w.attempt as current, coalesce(r.guard_alive_at > clock_timestamp() - make_interval(secs => ${guardWithinMs / 1000}), false) as guarded
    from wave w join run r on r.id = w.run where w.run = ${lane.run} and w.name = ${lane.wave}`.execute(tx);
  const at = wave.rows[0];
  if (at === undefined) return null;
  return { ...lane, ...at, standing: standingOn(await readStanding(tx, lane.run), lane.wave) };
}

async function refuseLate(tx: Database, { run, wave, attempt, kind }: NewLane): Promise<void> {
  const at = await standingOf(tx, run, wave);
  if (at === undefined || !mayPlan(kind, attempt, at)) throw new WaveMovedOn(wave, attempt, 'plan', at);
}

type NewKeys = Pick<LaneRow, 'ordinal' | 'keys'>;

async function insert(db: Database, lane: NewLane, cuts: readonly NewKeys[], readAt: Date | null): Promise<readonly number[]> {
  if (cuts.length === 0) return [];
  const { rows } = await sql<{ id: number }>`insert into lane (run, wave, attempt, kind, object, ordinal, keys, planned_at)
    select ${lane.run}, ${lane.wave}, ${lane.attempt}, ${lane.kind}, ${lane.object}, r.ordinal, r.keys, coalesce(${readAt}::timestamptz, clock_timestamp())
    from ${tableOf(cuts, 'ordinal int, keys text[]')} order by r.ordinal returning id`.execute(db);
  return rows.map(({ id }) => id);
}
