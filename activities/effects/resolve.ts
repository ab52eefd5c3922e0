import type { TargetRecord } from '../../contracts/adapter.ts';
import { judgeUnknown, type SeenRecord } from '../../domain/effects/verdict.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import type { Answer } from '../../ledger/effect-row.ts';
import type { LaneToken } from '../../ledger/tokens.ts';
import type { Context } from '../deps.ts';
import { inParts } from '../in-flight.ts';
import { capabilityOf, keyText, measureClock } from './proof.ts';
import { sightings, type Sighting } from './sighting.ts';
import { hasKey } from './without-key.ts';

export interface Resolved {
  readonly settled: number;
  readonly open: number;
  /** Ms until the youngest open call can be judged; 0 when none is open. */
  readonly waitMs: number;
}

/** What two of them came to. */
export function together(one: Resolved, other: Resolved): Resolved {
  return { settled: one.settled + other.settled, open: one.open + other.open, waitMs: Math.max(one.waitMs, other.waitMs) };
}

/**
 * What becomes of the crosswalk where a call turns out to be applied: it `follows`; it `stays`, because all is taken back; or what stands is `left`, because
 * its attempt is over and its rollback has ended.
 */
type Outlook = 'follows' | 'stays' | 'left';

/** Who asks, and of what: `own` is the claim whose own session needs no end. */
interface Asking {
  readonly own: LaneToken | null;
  readonly outlook: Outlook;
  /** Open creates of several records could have made what stands under their key: nobody can tell whose it is. */
  readonly areRivals: boolean;
}

/** A call that was judged, or the ms until it can be. */
type Judged = { readonly call: OpenCall; readonly answer: Answer } | { readonly waitMs: number };

/**
 * Settles calls of unknown outcome by reading the target (P2), a batch of them at a time. `applied` may be said at once; `absent` and `ambiguous` only by
 * a read that began past the horizon of the call and, where the target has a session fence, past the confirmed end of the session that sent it.
 * `own` is the claim that asks: its own session needs no end.
 */
export async function resolveCalls(
  context: Context,
  calls: readonly OpenCall[],
  own: LaneToken | null,
  outlook: Outlook,
): Promise<Resolved> {
  let [settled, waitMs] = [0, 0];
  for (const system of new Set(calls.map(({ effect }) => effect.system))) await measureClock(context, system);
  const byObject = Map.groupBy(calls, ({ effect }) => JSON.stringify([effect.system, effect.targetObject]));
  for (const some of byObject.values()) {
    const { batchSize } = context.sys.target(some[0]?.effect.system ?? '').capabilities;
    const rivals = rivalsAmong(context, some);
    const alone = some.filter((call) => !rivals.includes(call));
    // Rivals are judged together, whatever their number: one that was judged before the others would be their rival no more.
    for (const part of [rivals, ...inParts(alone, batchSize)]) {
      const judged = await resolveBatch(context, part, { own, outlook, areRivals: part === rivals });
      settled += judged.settled;
      waitMs = Math.max(waitMs, judged.waitMs);
    }
  }
  return { settled, open: calls.length - settled, waitMs };
}

/** Reads what the calls of one object were about, and writes down what can be told of them. */
async function resolveBatch(context: Context, calls: readonly OpenCall[], asking: Asking): Promise<Omit<Resolved, 'open'>> {
  const [first] = calls;
  if (first === undefined) return { settled: 0, waitMs: 0 };
  const port = context.sys.target(first.effect.system);
  const capability = capabilityOf(port.capabilities.objects, first.effect.targetObject);
  const judged = (await sightings(context, port, capability, calls)).map((sighting) => judge(context, sighting, asking));
  const waitMs = Math.max(0, ...judged.map((one) => ('waitMs' in one ? one.waitMs : 0)));
  if (asking.areRivals && waitMs > 0) return { settled: 0, waitMs };
  const told = judged.flatMap((one) => ('answer' in one ? [one] : []));
  // Before the verdict: a call that is judged is asked about no more.
  await tellAmbiguous(
    context,
    told.flatMap(({ call, answer }) => (answer.says === 'ambiguous' ? [call] : [])),
    asking.own?.wave ?? null,
  );
  const { calls: book } = context.ledger;
  for (const some of eachTargetOnce(told.map(({ answer }) => answer)))
    await (asking.outlook === 'left' ? book.judgeLeft(some) : book.judge(some, asking.outlook === 'follows'));
  return { settled: told.length, waitMs };
}

function judge({ sys }: Context, { call, record, ours, doubles, isSought }: Sighting, { own, areRivals }: Asking): Judged {
  const { effect } = call;
  const { capabilities } = sys.target(effect.system);
  const { commitHorizonMs, readLagMs, fence } = capabilities;
  const capability = capabilityOf(capabilities.objects, effect.targetObject);
  const isOwn = own !== null && effect.lane === own.lane && call.token === own.token;
  // A call through another's session counts as sent when that session was confirmed ended, less the time a call may take: until then it may still leave.
  const sessionAgeMs = fence !== 'session' || isOwn ? Infinity : call.sessionEndedMs === null ? 0 : call.sessionEndedMs + call.timeoutMs;
  const ageMs = Math.min(call.ageMs, sessionAgeMs);
  const verdict = judgeUnknown({
    effect: {
      operation: effect.operation,
      fields: effect.fields,
      before: effect.before,
      halfWayStates: capability.halfWay,
      endStates: effect.operation === 'activate' ? capability.activated : undefined,
    },
    seen: record === null ? null : seenOf(record),
    isSought,
    readBeganAtMs: 0,
    calls: [{ intendedAtMs: -ageMs }],
    limits: { callTimeoutMs: call.timeoutMs, commitHorizonMs, readLagMs },
    proof: record === null ? 'none' : ours && !areRivals ? 'ours' : 'notOurs',
    volatile: capability.volatile,
    decimals: capability.decimals,
  });
  if (verdict === 'wait') return { waitMs: Math.ceil(Math.max(50, call.timeoutMs + commitHorizonMs + readLagMs - ageMs)) };
  const reason =
    verdict === 'ambiguous'
      ? 'the target shows neither what was sent nor what was there before'
      : doubles > 0
        ? `${String(doubles)} more of ours found under the key`
        : null;
  return { call, answer: { effect: effect.id, n: call.n, says: verdict, targetId: ours ? (record?.id ?? null) : effect.targetId, reason } };
}

/** These answers in lists of which each names a target record once: who comes first is its owner when the next is looked at. */
function eachTargetOnce(answers: readonly Answer[]): readonly (readonly Answer[])[] {
  const lists: Answer[][] = [];
  const times = new Map<string, number>();
  for (const answer of answers) {
    const owns = answer.says === 'applied' && answer.targetId !== null;
    const before = owns ? (times.get(answer.targetId) ?? 0) : 0;
    if (owns) times.set(answer.targetId, before + 1);
    (lists[before] ??= []).push(answer);
  }
  return lists;
}

/**
 * Opens an exception for each call of which nobody can tell what came of it, in the wave that asks. One that an earlier attempt had about the record gives
 * way: it is news of this attempt.
 */
async function tellAmbiguous({ ledger, scope, ref, sys }: Context, calls: readonly OpenCall[], asks: string | null): Promise<void> {
  const byObject = Map.groupBy(calls, ({ effect }) => JSON.stringify([effect.object, effect.wave]));
  for (const some of byObject.values()) {
    const { object = '', wave = '' } = some[0]?.effect ?? {};
    const keys = some.map(({ effect }) => effect.sourceId);
    const accounts = await ledger.records.accountsOf(scope, object, keys);
    await ledger.exceptions.close(ref.run, object, keys, ['ambiguousOutcome']);
    await ledger.exceptions.open(
      ref.run,
      asks ?? wave,
      some.map((call) => ({
        ...{ object, sourceId: call.effect.sourceId, account: accounts.get(call.effect.sourceId) ?? null, kind: 'ambiguousOutcome' },
        message: ambiguityText(sys, call),
      })),
    );
  }
}

/** What is unclear about a call, and what a person is to do. */
function ambiguityText(sys: Context['sys'], call: OpenCall): string {
  const { operation, system, targetObject } = call.effect;
  const capability = capabilityOf(sys.target(system).capabilities.objects, targetObject);
  const what = `The outcome of ${operation} in ${system} cannot be told from what it shows now`;
  if (operation !== 'create' || hasKey(call, capability)) return `${what}; look at the record there and correct it by hand.`;
  const { keyField } = capability;
  return `${what}: no answer came, and the record has no ${keyField} by which it could be looked for. Where ${system} has it, delete it there; give it a ${keyField} in legacy. Then the next attempt of its wave, or the next run, makes it.`;
}

/** The creates of which several have one key, in whatever spelling, or no key and the same contents, where a record does not tell of which of them it is. */
function rivalsAmong({ sys }: Context, calls: readonly OpenCall[]): readonly OpenCall[] {
  const [first] = calls;
  if (first === undefined) return [];
  const capability = capabilityOf(sys.target(first.effect.system).capabilities.objects, first.effect.targetObject);
  if (capability.proof === 'marker') return [];
  const creates = calls.filter(({ effect }) => effect.operation === 'create');
  const byKey = Map.groupBy(creates, (call) =>
    hasKey(call, capability)
      ? keyText(call.effect.fields, capability.keyField).trim().toLowerCase()
      : JSON.stringify(call.effect.fields).toLowerCase(),
  );
  return [...byKey.values()].filter((some) => some.length > 1).flat();
}

/** A target record as the domain looks at it. */
export function seenOf(record: TargetRecord): SeenRecord {
  return { state: record.state, fields: record.fields };
}
