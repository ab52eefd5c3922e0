import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { RowOutcome } from '../contracts/adapter.ts';
import { mayWrite, type LaneKind, type WaveState } from '../domain/waves/state.ts';
import type { Database } from './database.ts';
import { effectColumns, isUnread, unsealEffect, type Answer, type EffectRow, type NewEffect, type SealedEffect } from './effect-row.ts';
import { writeFirstIntents } from './first-intents.ts';
import { writeIntents, type Intent } from './intents.ts';
import type { NewLane } from './lanes.ts';
import { leaveStanding } from './leaving.ts';
import { recordAnswers } from './receipts.ts';
import { tableOf } from './rows.ts';
import { tokenLoss, type LaneToken } from './tokens.ts';
import { unlessInTheWay } from './unless-in-the-way.ts';

/** A call whose receipt is still to come; ages by the ledger's clock (ms). */
export interface OpenCall {
  readonly effect: EffectRow;
  readonly n: number;
  readonly token: number;
  readonly ageMs: number;
  readonly timeoutMs: number;
  /** Ms since the session of this call was confirmed ended; null while it may live. */
  readonly sessionEndedMs: number | null;
  /** The attempt that made it is over: it was taken back, or has ended otherwise. */
  readonly isOver: boolean;
}

/** The kind of a receipt of a batch that was refused for one of its rows. */
export const batchKind = 'batch';

/** Why what was found after the end of its attempt is left. */
const leftReason = 'Kept: it was found only after the rollback had ended.';

/** Calls of effects: intent, receipt, verdict. */
export class Calls {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The intent transaction: proves the lane's token, reserves the target records, writes intents with their before-images and opens one call each.
   * Returns the effects whose call was opened; where the token is gone, `held` (a hold took it: the lane may be claimed again) or `fenced` (its
   * attempt is over). An effect that is open, or settled as applied, opens no further call, and none opens on a
   * record of which an effect of this attempt ended as ambiguous. An undo needs no target of its own: it takes back what was reserved.
   */
  async intend(lane: LaneToken, effects: readonly NewEffect[], timeoutMs: number): Promise<Intent | 'held' | 'fenced'> {
    const isFirst = await unlessInTheWay(writeFirstIntents(this.#db, lane, effects, timeoutMs));
    if (isFirst === true) return { opened: effects.map(({ id }) => ({ id, n: 1 })), taken: [], barred: [] };
    return this.#db.transaction().execute(async (tx) => (await tokenLoss(tx, lane)) ?? writeIntents(tx, lane, effects, timeoutMs));
  }

  /**
   * The receipt transaction: one receipt for the batch, insert-only; the crosswalk follows where the call was still open. Returns how many came late.
   * `asBatch`: the rows were refused for one of them, so that no single refusal may count against its record.
   */
  async receive(lane: LaneToken, outcomes: readonly { readonly n: number; readonly row: RowOutcome }[], asBatch: boolean): Promise<number> {
    const receipts = outcomes.map(({ n, row }) => ({
      effect: row.effectId,
      n,
      says: row.outcome,
      targetId: 'id' in row ? row.id : null,
      kind: 'kind' in row ? (asBatch ? batchKind : row.kind) : null,
      reason: 'message' in row ? row.message : null,
    }));
    return this.#recording(async (tx, atOnce) => {
      const inTime = await writeReceipt(tx, lane, receipts);
      const ways = await recordAnswers(tx, receipts, inTime, atOnce);
      const late = receipts.filter((_, place) => ways[place] === 'late');
      if (late.length > 0)
        await sql`insert into late (run, wave, effect, n, target_id) select ${lane.run}, ${lane.wave}, r.effect, r.n, r."targetId"
          from ${tableOf(late, 'effect text, n int, "targetId" text')} order by r.place`.execute(tx);
      return late.length;
    });
  }

  /**
   * Verdicts reached by reading the target, for calls that were open when the read began; `mayFollow` lets the crosswalk follow them. No two of them name
   * the same target record.
   */
  async judge(verdicts: readonly Answer[], mayFollow: boolean): Promise<void> {
    await this.#recording((tx, atOnce) => recordAnswers(tx, verdicts, mayFollow, atOnce));
  }

  /** A transaction that writes down answers: at once, as most can be; each by itself where something stands in the way of one. */
  async #recording<T>(work: (tx: Transaction<unknown>, atOnce: boolean) => Promise<T>): Promise<T> {
    const write = (atOnce: boolean): Promise<T> => this.#db.transaction().execute((tx) => work(tx, atOnce));
    return (await unlessInTheWay(write(true))) ?? write(false);
  }

  /** Verdicts as `judge` records them, about calls of attempts that are over: what is found to stand is left there, for the next attempt to take over. */
  async judgeLeft(verdicts: readonly Answer[]): Promise<void> {
    const left = verdicts.map(({ effect, reason }) => ({ id: effect, reason: reason ?? leftReason }));
    await this.#recording(async (tx, atOnce) => {
      await recordAnswers(tx, verdicts, true, atOnce);
      await leaveStanding(tx, left);
    });
  }

  /** Calls without a closing receipt or verdict, of one lane or a whole wave. */
  async open(of: { readonly lane: number } | { readonly run: string; readonly wave: string }): Promise<readonly OpenCall[]> {
    const which = 'lane' in of ? sql`l.id = ${of.lane}` : sql`l.run = ${of.run} and l.wave = ${of.wave}`;
    return this.#openAmong(sql`lane l join effect e on e.lane = l.id where ${which}`);
  }

  /** Open calls that other lanes made, of whatever wave or run, on the target records of these source records. */
  async openElsewhere(
    { scope, lane }: Pick<LaneToken, 'scope' | 'lane'>,
    { system, targetObject }: Pick<NewEffect, 'system' | 'targetObject'>,
    keys: readonly string[],
  ): Promise<readonly OpenCall[]> {
    return this.#openAmong(sql`effect e where e.source_id = any(${[...keys]}) and e.target_object = ${targetObject} and e.system = ${system}
      and e.scope = ${scope} and e.lane <> ${lane}`);
  }

  /**
   * Source keys of an object of which lanes of a wave, or those of one kind and attempt, left calls open, or records unread, when they were called no more.
   */
  async leftOpen(
    run: string,
    wave: string,
    object: string,
    only: Pick<NewLane, 'kind' | 'attempt'> | null = null,
  ): Promise<readonly string[]> {
    const { rows } = await sql<{ key: string }>`select distinct e.source_id as key from lane l join effect e on e.lane = l.id
      where l.run = ${run} and l.wave = ${wave} and l.object = ${object} and l.done_at is null and (e.closed is null or ${isUnread})
      and ${only === null ? sql`true` : sql`l.kind = ${only.kind} and l.attempt = ${only.attempt}`}`.execute(this.#db);
    return rows.map(({ key }) => key);
  }

  async #openAmong(effects: RawBuilder<unknown>): Promise<readonly OpenCall[]> {
    const { rows } = await sql<SealedEffect & Omit<OpenCall, 'effect'>>`
      select ${effectColumns}, e.n, e.token, e.timeout_ms as "timeoutMs", (extract(epoch from clock_timestamp() - e.intended_at) * 1000)::float8 as "ageMs",
        (select (extract(epoch from clock_timestamp() - s.ended_at) * 1000)::float8 from claim s where s.lane = e.lane and s.token = e.token and s.system = e.system) as "sessionEndedMs",
        not exists (select 1 from wave w join run r on r.id = w.run where w.run = e.run and w.name = e.wave and w.attempt = e.attempt and r.state = 'open'
          and w.state not in ('rolledBack', 'rolledBackWithExceptions', 'closed')) as "isOver"
      from ${effects} and e.closed is null order by e.ordinal`.execute(this.#db);
    return rows.map(({ n, token, ageMs, timeoutMs, sessionEndedMs, isOver, ...row }) => ({
      effect: unsealEffect(row),
      ...{ n, token, ageMs, timeoutMs, sessionEndedMs, isOver },
    }));
  }
}

/** A receipt as it comes from the system, of one call. */
interface CallReceipt extends Answer {
  readonly kind: string | null;
}

/**
 * Writes the receipt of a batch, and by itself each that says of its call anything else than that it wrote. Tells whether the lane's wave still stands
 * where the lane may write, and lets it go nowhere else before the transaction has ended.
 */
async function writeReceipt(tx: Transaction<unknown>, lane: LaneToken, receipts: readonly CallReceipt[]): Promise<boolean> {
  const { rows } = await sql<{ state: WaveState; kind: LaneKind; attempt: number }>`
    with written as (insert into receipt (lane, token, effects, ns, outcomes, target_ids) select ${lane.lane}, ${lane.token}, array_agg(r.effect order by r.place),
      array_agg(r.n order by r.place), array_agg(r.says order by r.place), array_agg(r."targetId" order by r.place)
    from ${tableOf(receipts, 'effect text, n int, says text, "targetId" text')} having count(*) > 0)
    select w.state, w.attempt, l.kind from lane l join wave w on w.run = l.run and w.name = l.wave where l.id = ${lane.lane} for share of w`.execute(
    tx,
  );
  const failures = receipts.filter(({ says }) => says !== 'applied' && says !== 'unchanged');
  if (failures.length > 0)
    await sql`insert into failure (effect, n, outcome, kind, message) select r.effect, r.n, r.says, r.kind, r.reason
    from ${tableOf(failures, 'effect text, n int, says text, kind text, reason text')} order by r.place`.execute(tx);
  const [at] = rows;
  return at?.attempt === lane.attempt && mayWrite(at.state, at.kind);
}
