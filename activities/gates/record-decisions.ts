import type { RawMessage, Recorded } from '../../contracts/activities.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { bindDecision, type Binding, type Deciders, type Desk, type Effect } from '../../domain/gates/binding.ts';
import { readDecision, requestIdPattern, type Decision } from '../../domain/gates/decision.ts';
import { afterResume } from '../../domain/gates/resume.ts';
import type { DecisionRow } from '../../ledger/decisions.ts';
import { documentHash } from '../../records/canonical.ts';
import type { Deps } from '../deps.ts';

/** Verbs that each signal may carry. */
const verbsOf: Readonly<Record<string, readonly Decision['verb'][]>> = {
  decide: ['go', 'noGo'],
  hold: ['hold'],
  resume: ['resume'],
  rollback: ['rollback'],
};
const verbs = Object.values(verbsOf).flat();

/**
 * Stores decision messages with their verdicts, each once by its request id; what is accepted has taken effect when this returns. A message that is
 * wrong, stale, repeated or malformed is stored as refused, with the reason, and changes nothing. Never throws for what a message says.
 */
export function recordDecisions(deps: Deps) {
  return async (ref: RunRef, messages: readonly RawMessage[]): Promise<Recorded[]> => {
    const recorded: Recorded[] = [];
    for (const message of messages) recorded.push(await record(deps, ref, message));
    return recorded;
  };
}

async function record(deps: Deps, ref: RunRef, message: RawMessage): Promise<Recorded> {
  const raw = parse(message.body);
  const read = readDecision(raw);
  const hash = documentHash(`${message.signal} ${message.body}`.toWellFormed());
  if (!read.ok) return notUnderstood(deps, ref, { message, raw, hash }, read.refusal);
  const { decision } = read;
  const deciders = await decidersOf(deps, ref);
  const bind = (desk: Desk): Binding =>
    verbsOf[message.signal]?.includes(decision.verb) === true
      ? bindDecision(decision, desk, deciders)
      : { accepted: false, code: 'malformed', reason: `The signal ${message.signal} does not carry the verb ${decision.verb}.` };
  const { row, repeated } = await deps.ledger.decisions.take(ref.run, { decision, hash }, { bind, say });
  if (repeated) return row.messageHash === hash ? again(deps, ref, row) : reused(deps, ref, decision);
  await deps.ledger.trail.note(ref.run, null, 'decision', {
    verb: decision.verb,
    by: decision.by,
    role: decision.role,
    outcome: row.outcome,
    detail: row.detail,
    gate: row.gate,
  });
  if (row.outcome === 'accepted') await tellTrail(deps, ref, decision, row);
  return recordedOf(row, decision.verb);
}

/** In words what an accepted decision does. */
function say(effect: Effect, { standing }: Desk): string {
  switch (effect.act) {
    case 'vote':
      return 'counted';
    case 'stopGate':
      return effect.gate.kind === 'switch' ? `counted; wave ${effect.gate.wave} will be taken back` : 'counted; the gate stays shut';
    case 'hold':
      return `counted; ${effect.scope === 'run' ? 'the run' : `wave ${effect.scope}`} begins no further write`;
    case 'lift': {
      const { lifts, stays, follows } = afterResume(standing, effect.holds);
      return ['counted.', ...lifts, ...stays, ...follows].join(' ').slice(0, longestDetail);
    }
    case 'takeBack':
      return `counted; ${effect.scope === 'run' ? 'the whole run' : `wave ${effect.scope}`} will be taken back`;
  }
}

/** Longest detail that is stored and told (characters). */
const longestDetail = 1_500;

/** What the report's time line shows of a hold and its end. */
async function tellTrail(deps: Deps, ref: RunRef, { verb, reason, scope, by }: Decision, row: DecisionRow): Promise<void> {
  if (verb === 'hold') await deps.ledger.trail.note(ref.run, null, 'held', { reason, source: 'person', scope: scope ?? 'run', by });
  if (verb === 'resume') await deps.ledger.trail.note(ref.run, null, 'resumed', { by, detail: row.detail });
}

async function decidersOf(deps: Deps, ref: RunRef): Promise<Deciders> {
  const { env, plan, source } = await deps.systems(ref);
  return {
    people: env.people,
    gates: plan.gates,
    rights: plan.rights,
    scopes: [plan.pilot, ...plan.waves].map(({ name }) => name),
    frozenAsAWhole: source.capabilities.freeze?.granularity === 'system',
  };
}

async function notUnderstood(
  deps: Deps,
  ref: RunRef,
  { message, raw, hash }: { readonly message: RawMessage; readonly raw: unknown; readonly hash: string },
  refusal: string,
): Promise<Recorded> {
  const requestId = (await freshIdOf(deps, raw)) ?? `malformed-${hash.slice(0, 32)}`;
  await deps.ledger.decisions.record({
    requestId,
    run: ref.run,
    verb: message.signal,
    gate: null,
    attempt: null,
    factsHash: null,
    person: '',
    role: null,
    scope: null,
    reason: '',
    messageHash: hash,
    outcome: 'refused',
    detail: refusal,
  });
  return { requestId, accepted: false, detail: refusal, verb: null, gate: null, scope: null, reason: '' };
}

/** The id a message that was not understood carries, where it is one and nobody has used it: under it the sender asks what became of it. */
async function freshIdOf(deps: Deps, raw: unknown): Promise<string | null> {
  const id: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'requestId') : null;
  if (typeof id !== 'string' || !requestIdPattern.test(id)) return null;
  return (await deps.ledger.decisions.find(id)) === null ? id : null;
}

/**
 * The same message again has the same verdict, whether its sender repeated it or this activity is tried again after it was stored; the run
 * knows what it has carried out. An execution that took the run up since does not: a rollback of a wave is carried out only while it stands, because the
 * wave may be in another attempt by then.
 */
async function again(deps: Deps, ref: RunRef, before: DecisionRow): Promise<Recorded> {
  await deps.ledger.trail.note(ref.run, null, 'decisionRepeated', { requestId: before.requestId, by: before.person, same: true });
  const verb = verbs.find((candidate) => candidate === before.verb) ?? null;
  return recordedOf(before, verb === 'rollback' && !(await stands(deps, ref, before)) ? null : verb);
}

async function stands(deps: Deps, ref: RunRef, { scope }: DecisionRow): Promise<boolean> {
  const { stops } = await deps.ledger.holds.standing(ref.run);
  return stops.some((stop) => stop.verb === 'rollback' && stop.scope === (scope ?? 'run') && stop.back !== 'done');
}

async function reused(deps: Deps, ref: RunRef, { requestId, by }: Decision): Promise<Recorded> {
  await deps.ledger.trail.note(ref.run, null, 'decisionRepeated', { requestId, by, same: false });
  const detail = 'this request id was used for another message; send a new one';
  return { requestId, accepted: false, detail, verb: null, gate: null, scope: null, reason: '' };
}

function recordedOf({ requestId, outcome, detail, gate, scope, reason }: DecisionRow, verb: Recorded['verb']): Recorded {
  return { requestId, accepted: outcome === 'accepted', detail, verb, gate, scope, reason };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
