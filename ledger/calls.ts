import { sql, type Transaction } from 'kysely';
import type { RowOutcome } from '../contracts/adapter.ts';
import { mayCall, openStatuses, settle, type EffectStatus, type Receipt, type Verdict } from '../domain/effects/outcome.ts';
import { judgeLostToken, standingOn } from '../domain/gates/stops.ts';
import { mayWrite, type LaneKind, type WaveState } from '../domain/waves/state.ts';
import { followEffect, namesOtherTarget } from './crosswalk.ts';
import type { Database } from './database.ts';
import { effectColumns, unsealEffect, type EffectRow, type NewEffect, type SealedEffect } from './effect-row.ts';
import { readStanding } from './holds.ts';
import { seal } from './sealed.ts';

/** A call whose receipt is still to come; ages by the ledger's clock (ms). */
export interface OpenCall {
  readonly effect: EffectRow;
  readonly n: number;
  readonly token: number;
  readonly ageMs: number;
  readonly timeoutMs: number;
  /** Ms since the session of this call was confirmed ended; null while it may live. */
  readonly sessionEndedMs: number | null;
}

/** One claim of one lane: who makes a call. */
export interface LaneToken {
  readonly scope: string;
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
  readonly lane: number;
  readonly token: number;
}

/** What was learned of one call, by its receipt or by reading the target. */
interface Answer {
  readonly effect: string;
  readonly n: number;
  readonly says: Receipt | Exclude<Verdict, 'wait'>;
  readonly targetId: string | null;
  readonly reason: string | null;
}

type Tx = Transaction<unknown>;

/** The kind of a receipt of a batch that was refused for one of its rows. */
export const batchKind = 'batch';

/** Calls of effects: intent, receipt, verdict. */
export class Calls {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The intent transaction: proves the lane's token, writes intents with their before-images and opens one call each.
   * Returns the effects whose call was opened; where the token is gone, `held` (a hold took it: the lane may be claimed again) or `fenced` (its
   * attempt is over). An effect that is open, or settled as applied, opens no further call.
   */
  async intend(
    lane: LaneToken,
    effects: readonly NewEffect[],
    timeoutMs: number,
  ): Promise<readonly { readonly id: string; readonly n: number }[] | 'held' | 'fenced'> {
    return this.#db.transaction().execute(async (tx) => {
      const proved =
        await sql`update lane set last_intent_at = clock_timestamp() where id = ${lane.lane} and token = ${lane.token} returning 1`.execute(
          tx,
        );
      if (proved.rows.length === 0) return lostToken(tx, lane);
      const opened: { id: string; n: number }[] = [];
      for (const effect of effects) {
        const n = await open(tx, lane, effect, timeoutMs);
        if (n !== null) opened.push({ id: effect.id, n });
      }
      return opened;
    });
  }

  /**
   * The receipt transaction: one receipt per record, insert-only; the crosswalk follows where the call was still open. Returns how many came late.
   * `asBatch`: the rows were refused for one of them, so that no single refusal may count against its record.
   */
  async receive(lane: LaneToken, outcomes: readonly { readonly n: number; readonly row: RowOutcome }[], asBatch: boolean): Promise<number> {
    return this.#db.transaction().execute(async (tx) => {
      const inTime = await standsInTime(tx, lane);
      let late = 0;
      for (const { n, row } of outcomes) {
        const [targetId, reason] = ['id' in row ? row.id : null, 'message' in row ? row.message : null];
        await sql`insert into receipt (effect, n, outcome, target_id, kind, message)
          values (${row.effectId}, ${n}, ${row.outcome}, ${targetId}, ${'kind' in row ? (asBatch ? batchKind : row.kind) : null}, ${reason})`.execute(
          tx,
        );
        if ((await record(tx, { effect: row.effectId, n, says: row.outcome, targetId, reason }, inTime)) !== 'late') continue;
        late += 1;
        await sql`insert into late (run, wave, effect, n, target_id) values (${lane.run}, ${lane.wave}, ${row.effectId}, ${n}, ${targetId})`.execute(
          tx,
        );
      }
      return late;
    });
  }

  /** A verdict reached by reading the target, for the call that was open when the read began; `mayFollow` lets the crosswalk follow it. */
  async judge(
    effect: string,
    n: number,
    says: Exclude<Verdict, 'wait'>,
    targetId: string | null,
    reason: string | null,
    mayFollow: boolean,
  ): Promise<void> {
    await this.#db.transaction().execute((tx) => record(tx, { effect, n, says, targetId, reason }, mayFollow));
  }

  /** Calls without a closing receipt or verdict, of one lane or a whole wave. */
  async open(of: { readonly lane: number } | { readonly run: string; readonly wave: string }): Promise<readonly OpenCall[]> {
    const which = 'lane' in of ? sql`e.lane = ${of.lane}` : sql`e.run = ${of.run} and e.wave = ${of.wave}`;
    const { rows } = await sql<
      SealedEffect & { n: number; token: number; ageMs: number; timeoutMs: number; sessionEndedMs: number | null }
    >`
      select ${effectColumns}, c.n, c.token, c.timeout_ms as "timeoutMs", (extract(epoch from clock_timestamp() - c.intended_at) * 1000)::float8 as "ageMs",
        (select (extract(epoch from clock_timestamp() - s.ended_at) * 1000)::float8 from claim s where s.lane = e.lane and s.token = c.token and s.system = e.system) as "sessionEndedMs"
      from call c join effect e on e.id = c.effect where c.closed is null and ${which} order by e.ordinal`.execute(this.#db);
    return rows.map(({ n, token, ageMs, timeoutMs, sessionEndedMs, ...row }) => ({
      effect: unsealEffect(row),
      n,
      token,
      ageMs,
      timeoutMs,
      sessionEndedMs,
    }));
  }
}

/** Opens call n+1 of an effect, or null where there may be none. The effect goes to the lane that calls: its sessions are the ones to fence. */
async function open(tx: Tx, lane: LaneToken, effect: NewEffect, timeoutMs: number): Promise<number | null> {
  await sql`insert into effect (id, scope, run, wave, attempt, lane, system, object, target_object, source_id, operation, revision, content_hash, fields, before_image, target_id, origin, undoes, status)
    values (${effect.id}, ${lane.scope}, ${lane.run}, ${lane.wave}, ${lane.attempt}, ${lane.lane}, ${effect.system}, ${effect.object}, ${effect.targetObject}, ${effect.sourceId},
      ${effect.operation}, ${effect.revision}, ${effect.contentHash}, ${seal(effect.fields)}, ${effect.before === null ? null : seal(effect.before)}, ${effect.targetId}, ${effect.origin}, ${effect.undoes}, 'absent')
    on conflict do nothing`.execute(tx);
  const { rows } = await sql<{
    status: EffectStatus;
    hash: string;
    last: number;
  }>`select e.status, e.content_hash as hash, coalesce((select max(n) from call c where c.effect = e.id), 0) as last
    from effect e where e.id = ${effect.id} for update`.execute(tx);
  const row = rows[0];
  if (row?.hash !== effect.contentHash || !mayCall(row.status)) return null;
  const busy =
    await sql`select 1 from effect o where o.scope = ${lane.scope} and o.system = ${effect.system} and o.target_object = ${effect.targetObject} and o.source_id = ${effect.sourceId}
    and o.id <> ${effect.id} and o.status = any(${openStatuses})`.execute(tx);
  if (busy.rows.length > 0) return null;
  await sql`update effect set status = 'intended', lane = ${lane.lane}, reason = null, intended_at = clock_timestamp() where id = ${effect.id}`.execute(
    tx,
  );
  await sql`insert into call (effect, n, token, timeout_ms) values (${effect.id}, ${row.last + 1}, ${lane.token}, ${timeoutMs})`.execute(
    tx,
  );
  return row.last + 1;
}

/** Why the token of a lane is gone, by what stands when the intent asks. */
async function lostToken(tx: Tx, lane: LaneToken): Promise<'held' | 'fenced'> {
  const { rows } = await sql<{
    kind: LaneKind;
    attempt: number;
    current: number;
    state: WaveState;
  }>`select l.kind, l.attempt, w.attempt as current, w.state from lane l join wave w on w.run = l.run and w.name = l.wave where l.id = ${lane.lane}`.execute(
    tx,
  );
  const at = rows[0];
  if (at === undefined) return 'fenced';
  return judgeLostToken({ ...at, standing: standingOn(await readStanding(tx, lane.run), lane.wave) });
}

/** Whether the lane's wave still stands where the lane may write. */
async function standsInTime(tx: Tx, lane: LaneToken): Promise<boolean> {
  const { rows } = await sql<{
    state: WaveState;
    kind: LaneKind;
    attempt: number;
  }>`select w.state, w.attempt, l.kind from lane l join wave w on w.run = l.run and w.name = l.wave where l.id = ${lane.lane} for share of w`.execute(
    tx,
  );
  const at = rows[0];
  return at?.attempt === lane.attempt && mayWrite(at.state, at.kind);
}

/** Writes down what an answer changes: its call, its effect, the crosswalk. */
async function record(tx: Tx, answer: Answer, inTime: boolean): Promise<'follows' | 'late' | 'stays'> {
  const { rows } = await sql<
    SealedEffect & { callOpen: boolean }
  >`select ${effectColumns}, c.closed is null as "callOpen" from effect e join call c on c.effect = e.id and c.n = ${answer.n} where e.id = ${answer.effect} for update of e, c`.execute(
    tx,
  );
  const known = rows[0];
  if (known === undefined) throw new Error(`the ledger knows no call ${String(answer.n)} of effect ${answer.effect}`);
  const { callOpen, ...effect } = known;
  const targetId = answer.targetId ?? effect.targetId;
  const otherTarget = effect.origin !== null && targetId !== null && (await namesOtherTarget(tx, effect, targetId));
  const { status, closesCall, crosswalk } = settle({ status: effect.status, callOpen, inTime, otherTarget }, answer.says);
  if (closesCall)
    await sql`update call set closed = ${answer.says}, closed_at = clock_timestamp() where effect = ${effect.id} and n = ${answer.n}`.execute(
      tx,
    );
  if (status !== effect.status)
    await sql`update effect set status = ${status}, target_id = ${targetId}, reason = ${answer.reason} where id = ${effect.id}`.execute(tx);
  if (crosswalk === 'follows' && targetId !== null) await followEffect(tx, { ...effect, targetId });
  return crosswalk;
}
