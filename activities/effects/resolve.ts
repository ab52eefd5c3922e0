import type { TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import { judgeUnknown, type SeenRecord } from '../../domain/effects/verdict.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import type { LaneToken } from '../../ledger/tokens.ts';
import type { Context } from '../deps.ts';
import { capabilityOf, isOurs, keyText, measureClock } from './proof.ts';

export interface Resolved {
  readonly settled: number;
  readonly open: number;
  /** Ms until the youngest open call can be judged; 0 when none is open. */
  readonly waitMs: number;
}

/**
 * Settles calls of unknown outcome by reading the target (P2). `applied` may be said at once; `absent` and `ambiguous` only by a read that
 * began past the horizon of the call and, where the target has a session fence, past the confirmed end of the session that sent it.
 * `own` is the claim that asks: its own session needs no end. `mayFollow` lets the crosswalk follow.
 */
export async function resolveCalls(
  context: Context,
  calls: readonly OpenCall[],
  own: LaneToken | null,
  mayFollow: boolean,
): Promise<Resolved> {
  let [settled, waitMs] = [0, 0];
  for (const system of new Set(calls.map(({ effect }) => effect.system))) await measureClock(context, system);
  for (const call of calls) {
    const left = await resolveCall(context, call, { own, mayFollow, rivals: rivalsOf(context, call, calls) });
    if (left === 0) settled += 1;
    waitMs = Math.max(waitMs, left);
  }
  return { settled, open: calls.length - settled, waitMs };
}

/** Ms to wait before this call can be judged; 0 when it was. */
async function resolveCall(
  context: Context,
  call: OpenCall,
  { own, mayFollow, rivals }: { readonly own: LaneToken | null; readonly mayFollow: boolean; readonly rivals: boolean },
): Promise<number> {
  const { effect } = call;
  const port = context.sys.target(effect.system);
  const { commitHorizonMs, readLagMs, fence } = port.capabilities;
  const capability = capabilityOf(port.capabilities.objects, effect.targetObject);
  const isOwn = own !== null && effect.lane === own.lane && call.token === own.token;
  // A call through another's session counts as sent when that session was confirmed ended, less the time a call may take: until then it may still leave.
  const sessionAgeMs = fence !== 'session' || isOwn ? Infinity : call.sessionEndedMs === null ? 0 : call.sessionEndedMs + call.timeoutMs;
  const ageMs = Math.min(call.ageMs, sessionAgeMs);
  const { record, ours, doubles } = await findTarget(context, port, call);
  const verdict = judgeUnknown({
    effect: {
      operation: effect.operation,
      fields: effect.fields,
      before: effect.before,
      halfWayStates: capability.halfWay,
      endStates: effect.operation === 'activate' ? capability.activated : undefined,
    },
    seen: record === null ? null : seenOf(record),
    readBeganAtMs: 0,
    calls: [{ intendedAtMs: -ageMs }],
    limits: { callTimeoutMs: call.timeoutMs, commitHorizonMs, readLagMs },
    proof: record === null ? 'none' : ours && !rivals ? 'ours' : 'notOurs',
    volatile: capability.volatile,
    decimals: capability.decimals,
  });
  if (verdict === 'wait') return Math.ceil(Math.max(50, call.timeoutMs + commitHorizonMs + readLagMs - ageMs));
  const reason =
    verdict === 'ambiguous'
      ? 'the target shows neither what was sent nor what was there before'
      : doubles > 0
        ? `${String(doubles)} more of ours found under the key`
        : null;
  await context.ledger.calls.judge(effect.id, call.n, verdict, ours ? (record?.id ?? null) : effect.targetId, reason, mayFollow);
  if (verdict === 'ambiguous') {
    await context.ledger.exceptions.open(context.ref.run, effect.wave, [
      {
        object: effect.object,
        sourceId: effect.sourceId,
        account: (await context.ledger.records.accountsOf(context.scope, effect.object, [effect.sourceId])).get(effect.sourceId) ?? null,
        kind: 'ambiguousOutcome',
        message: `The outcome of ${effect.operation} in ${effect.system} cannot be told from what it shows now; look at the record there and correct it by hand.`,
      },
    ]);
  }
  return 0;
}

/** Whether another open create of another record could have made what stands under the key of this one: then nobody can tell whose it is. */
function rivalsOf({ sys }: Context, { effect }: OpenCall, calls: readonly OpenCall[]): boolean {
  if (effect.operation !== 'create') return false;
  const { keyField, proof } = capabilityOf(sys.target(effect.system).capabilities.objects, effect.targetObject);
  const isRival = ({ effect: other }: OpenCall): boolean =>
    other.id !== effect.id && other.operation === 'create' && other.system === effect.system && other.targetObject === effect.targetObject;
  return (
    proof !== 'marker' && calls.some((call) => isRival(call) && keyText(call.effect.fields, keyField) === keyText(effect.fields, keyField))
  );
}

/** The record a call was about: by id where it had one, else the lowest id of ours under its key, else whatever stands there: it is never absent. */
async function findTarget(
  context: Context,
  port: TargetPort,
  { effect }: OpenCall,
): Promise<{ readonly record: TargetRecord | null; readonly ours: boolean; readonly doubles: number }> {
  if (effect.operation !== 'create') {
    const [record] = effect.targetId === null ? [] : await port.get(effect.targetObject, [effect.targetId]);
    return { record: record ?? null, ours: true, doubles: 0 };
  }
  const capability = capabilityOf(port.capabilities.objects, effect.targetObject);
  const key = effect.fields[capability.keyField];
  if (typeof key !== 'string') throw new Error(`effect ${effect.id} has no text in its key field ${capability.keyField}`);
  const found = await port.findByKey(effect.targetObject, [key]);
  const owners = await context.ledger.owners.of(
    context.scope,
    effect.system,
    effect.targetObject,
    found.map(({ id }) => id),
  );
  const taken = new Set(
    [...owners].filter(([, owner]) => owner.object !== effect.object || owner.sourceId !== effect.sourceId).map(([id]) => id),
  );
  const ours: TargetRecord[] = [];
  for (const record of found) if (!taken.has(record.id) && (await isOurs(context, record, capability, effect))) ours.push(record);
  return { record: lowest(ours.length > 0 ? ours : found), ours: ours.length > 0, doubles: Math.max(0, ours.length - 1) };
}

function lowest(records: readonly TargetRecord[]): TargetRecord | null {
  return records.reduce<TargetRecord | null>(
    (least, record) =>
      least === null || record.id.length < least.id.length || (record.id.length === least.id.length && record.id < least.id)
        ? record
        : least,
    null,
  );
}

/** A target record as the domain looks at it. */
export function seenOf(record: TargetRecord): SeenRecord {
  return { state: record.state, fields: record.fields };
}
