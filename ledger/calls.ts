import { sql, type Transaction } from 'kysely';
import type { RowOutcome } from '../contracts/adapter.ts';
import { mayCall, openStatuses, settle, type EffectStatus, type Receipt, type Verdict } from '../domain/effects/outcome.ts';
import { mayWrite, type LaneKind, type WaveState } from '../domain/waves/state.ts';
import { followEffect, namesOtherTarget } from './crosswalk.ts';
import type { Database } from './database.ts';
import { effectColumns, unsealEffect, type EffectRow, type NewEffect, type SealedEffect } from './effect-row.ts';
import { openException } from './exceptions.ts';
import { releaseTarget, reserveTargets, type Claimed, type SourceName } from './owners.ts';
import { seal } from './sealed.ts';
import { tokenLoss, type LaneToken } from './tokens.ts';

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

/** What was learned of one call, by its receipt or by reading the target. */
interface Answer {
  readonly effect: string;
  readonly n: number;
  readonly says: Receipt | Exclude<Verdict, 'wait'>;
  readonly targetId: string | null;
  readonly reason: string | null;
}

/** What an intent transaction opened, and what it may never open: effects on target records that stand for another source record. */
export interface Intent {
  readonly opened: readonly { readonly id: string; readonly n: number }[];
  readonly taken: readonly { readonly id: string; readonly owner: SourceName }[];
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
   * The intent transaction: proves the lane's token, reserves the target records, writes intents with their before-images and opens one call each.
   * Returns the effects whose call was opened; where the token is gone, `held` (a hold took it: the lane may be claimed again) or `fenced` (its
   * attempt is over). An effect that is open, or settled as applied, opens no further call, and none opens on a
   * record of which an effect of this attempt ended as ambiguous. An undo needs no target of its own: it takes back what was reserved.
   */
  async intend(lane: LaneToken, effects: readonly NewEffect[], timeoutMs: number): Promise<Intent | 'held' | 'fenced'> {
    return this.#db.transaction().execute(async (tx) => {
      const loss = await tokenLoss(tx, lane);
      if (loss !== null) return loss;
      const wanted = effects.flatMap((effect) => (effect.undoes === null ? claimOf(lane.scope, effect) : []));
      const owners = await reserveTargets(tx, wanted);
      const taken = wanted.flatMap(({ id }, index) => (owners[index] == null ? [] : [{ id, owner: owners[index] }]));
      const refused = new Set(taken.map(({ id }) => id));
      const opened: { id: string; n: number }[] = [];
      for (const effect of effects.filter(({ id }) => !refused.has(id))) {
        const n = await open(tx, lane, effect, timeoutMs);
        if (n !== null) opened.push({ id: effect.id, n });
      }
      return { opened, taken };
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
      for (const { n, row } of inIdOrder(outcomes)) {
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

/** The claim of an effect on the target record it writes to; none of a create, whose target record is not there yet. */
function claimOf(
  scope: string,
  effect: Pick<NewEffect, 'id' | keyof SourceName | 'system' | 'targetObject' | 'targetId'>,
): (Claimed & { id: string })[] {
  const { id, system, targetObject, targetId, object, sourceId } = effect;
  return targetId === null ? [] : [{ id, scope, system, targetObject, targetId, object, sourceId }];
}

/** Target records are locked in the order of their ids, whatever the order of the reply. */
function inIdOrder<T extends { readonly row: RowOutcome }>(outcomes: readonly T[]): readonly T[] {
  const idOf = ({ row }: T): string => ('id' in row ? row.id : '');
  return [...outcomes].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
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
    and o.id <> ${effect.id} and (o.status = any(${openStatuses})
      or (${effect.undoes === null} and o.status = 'ambiguous' and o.run = ${lane.run} and o.wave = ${lane.wave} and o.attempt = ${lane.attempt}))`.execute(
      tx,
    );
  if (busy.rows.length > 0) return null;
  await sql`update effect set status = 'intended', lane = ${lane.lane}, reason = null, intended_at = clock_timestamp() where id = ${effect.id}`.execute(
    tx,
  );
  await sql`insert into call (effect, n, token, timeout_ms) values (${effect.id}, ${row.last + 1}, ${lane.token}, ${timeoutMs})`.execute(
    tx,
  );
  return row.last + 1;
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

/** Writes down what an answer changes: its call, its effect, the owner of its target record, the crosswalk. */
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
  const target = { ...effect, targetId };
  const otherOwner = wroteSomething(answer.says) ? await otherOwnerOf(tx, target, callOpen) : null;
  const state = { status: effect.status, callOpen, inTime, otherTarget, otherOwner: otherOwner !== null };
  const { status, closesCall, crosswalk } = settle(state, answer.says);
  if (closesCall)
    await sql`update call set closed = ${answer.says}, closed_at = clock_timestamp() where effect = ${effect.id} and n = ${answer.n}`.execute(
      tx,
    );
  if (status !== effect.status)
    await sql`update effect set status = ${status}, target_id = ${targetId}, reason = ${answer.reason} where id = ${effect.id}`.execute(tx);
  if (crosswalk === 'follows' && targetId !== null) await followEffect(tx, { ...effect, targetId });
  if (crosswalk === 'late') await tellLate(tx, target, { callOpen, otherOwner });
  if (closesCall && mayCall(status)) for (const claim of claimOf(effect.scope, effect)) await releaseTarget(tx, claim);
  return crosswalk;
}

function wroteSomething(says: Answer['says']): boolean {
  return says === 'applied' || says === 'unchanged';
}

/** The other source record that a written target record stands for; a record just created is reserved here, with its receipt. */
async function otherOwnerOf(
  tx: Tx,
  effect: Omit<SealedEffect, 'fields' | 'before' | 'after'>,
  reserves: boolean,
): Promise<SourceName | null> {
  if (effect.undoes !== null) return null;
  const claims = claimOf(effect.scope, effect);
  if (reserves) return (await reserveTargets(tx, claims))[0] ?? null;
  const { rows } =
    await sql<SourceName>`select object, source_id as "sourceId" from owner where scope = ${effect.scope} and system = ${effect.system}
    and target_object = ${effect.targetObject} and target_id = ${effect.targetId} and (object <> ${effect.object} or source_id <> ${effect.sourceId})`.execute(
      tx,
    );
  return rows[0] ?? null;
}

/**
 * A write that people must look at: it reached a record that stands for another source record, or it was reported after its call had been closed as
 * one that wrote nothing, when the target record was free for others. Nothing of it is taken back by itself.
 */
async function tellLate(
  tx: Tx,
  effect: Omit<SealedEffect, 'fields' | 'before' | 'after'>,
  { callOpen, otherOwner }: { readonly callOpen: boolean; readonly otherOwner: SourceName | null },
): Promise<void> {
  if (otherOwner === null && (callOpen || effect.operation === 'create' || effect.undoes !== null)) return;
  const { operation, system, targetObject, targetId, object, sourceId } = effect;
  const when = callOpen ? 'says' : 'said late, after the write had been judged to be none,';
  const whose = otherOwner === null ? '' : `, which stands for ${otherOwner.object} ${otherOwner.sourceId}`;
  const { rows } = await sql<{
    account: string | null;
  }>`select account from record where scope = ${effect.scope} and object = ${object} and source_id = ${sourceId} and latest`.execute(tx);
  await openException(tx, effect.run, effect.wave, {
    object,
    sourceId,
    account: rows[0]?.account ?? null,
    kind: 'ambiguousOutcome',
    message: `${system} ${when} that it did ${operation} ${targetObject} ${targetId ?? ''} for ${object} ${sourceId}${whose}; nothing was taken back: look at the record there and correct it by hand.`,
    candidates: targetId === null ? [] : [targetId],
  });
}
