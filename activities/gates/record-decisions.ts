import type { RawMessage, Recorded } from '../../contracts/activities.ts';
import type { RunRef } from '../../contracts/messages.ts';
import type { SourcePort } from '../../contracts/source.ts';
import { bindDecision, type Binding } from '../../domain/gates/binding.ts';
import { readDecision, requestIdPattern, type Decision } from '../../domain/gates/decision.ts';
import type { DecisionRow, GateRow } from '../../ledger/gates.ts';
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
 * Stores decision messages with their verdicts, each once by its request id. A message that is wrong, stale, repeated or malformed is
 * stored as refused, with the reason, and changes nothing. Never throws for what a message says.
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
  const messageHash = documentHash(`${message.signal} ${message.body}`);
  if (!read.ok) {
    const requestId = (await freshIdOf(deps, raw)) ?? `malformed-${messageHash.slice(0, 32)}`;
    await deps.ledger.gates.record({
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
      messageHash,
      outcome: 'refused',
      detail: read.refusal,
    });
    return { requestId, accepted: false, detail: read.refusal, verb: null, gate: null, scope: null, reason: '' };
  }
  const { decision } = read;
  const before = await deps.ledger.gates.decision(decision.requestId);
  if (before !== null) return before.messageHash === messageHash ? repeated(deps, ref, before) : reused(deps, ref, decision);
  const { binding, gate } = await bind(deps, ref, message, decision);
  const stored = await deps.ledger.gates.record({
    requestId: decision.requestId,
    run: ref.run,
    verb: decision.verb,
    gate: gate?.gate ?? decision.gate ?? null,
    attempt: gate?.attempt ?? decision.attempt ?? null,
    factsHash: decision.factsHash ?? null,
    person: decision.by,
    role: decision.role,
    scope: decision.scope ?? null,
    reason: decision.reason,
    messageHash,
    outcome: binding.accepted ? 'accepted' : 'refused',
    detail: binding.accepted ? 'counted' : binding.reason,
  });
  await deps.ledger.trail.note(ref.run, null, 'decision', {
    verb: decision.verb,
    by: decision.by,
    role: decision.role,
    outcome: stored.outcome,
    detail: stored.detail,
    gate: decision.gate ?? null,
  });
  return {
    requestId: decision.requestId,
    accepted: stored.outcome === 'accepted',
    detail: stored.detail,
    verb: decision.verb,
    gate: gate?.gate ?? null,
    scope: decision.scope ?? null,
    reason: decision.reason,
  };
}

/** The id a message that was not understood carries, where it is one and nobody has used it: under it the sender asks what became of it. */
async function freshIdOf(deps: Deps, raw: unknown): Promise<string | null> {
  const id: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'requestId') : null;
  if (typeof id !== 'string' || !requestIdPattern.test(id)) return null;
  return (await deps.ledger.gates.decision(id)) === null ? id : null;
}

/**
 * The same message again has the same verdict, whether its sender repeated it or this activity is tried again after it was stored; the run
 * knows what it has carried out.
 */
async function repeated(deps: Deps, ref: RunRef, before: DecisionRow): Promise<Recorded> {
  const { requestId, gate, scope, reason } = before;
  await deps.ledger.trail.note(ref.run, null, 'decisionRepeated', { requestId, by: before.person, same: true });
  const verb = verbs.find((candidate) => candidate === before.verb) ?? null;
  return { requestId, accepted: before.outcome === 'accepted', detail: before.detail, verb, gate, scope, reason };
}

async function reused(deps: Deps, ref: RunRef, { requestId, by }: Decision): Promise<Recorded> {
  await deps.ledger.trail.note(ref.run, null, 'decisionRepeated', { requestId, by, same: false });
  const detail = 'this request id was used for another message; send a new one';
  return { requestId, accepted: false, detail, verb: null, gate: null, scope: null, reason: '' };
}

async function bind(
  deps: Deps,
  ref: RunRef,
  message: RawMessage,
  decision: Decision,
): Promise<{ readonly binding: Binding; readonly gate: GateRow | null }> {
  const { env, plan, source } = await deps.systems(ref);
  const refused = (reason: string): { readonly binding: Binding; readonly gate: null } => ({
    binding: { accepted: false, code: 'malformed', reason },
    gate: null,
  });
  if (verbsOf[message.signal]?.includes(decision.verb) !== true)
    return refused(`The signal ${message.signal} does not carry the verb ${decision.verb}.`);
  if (decision.scope !== undefined && decision.scope !== 'run' && ![plan.pilot, ...plan.waves].some((wave) => wave.name === decision.scope))
    return refused('It names a scope that is neither run nor a wave of the plan.');
  if (decision.verb === 'rollback' && decision.scope !== 'run' && (await isFrozenForAll(deps, ref, source)))
    return refused('Legacy is frozen as a whole and a wave has switched: only the whole run can go back; send it with the scope run.');
  const [run, open] = [await deps.ledger.runs.get(ref.run), await deps.ledger.gates.openOf(ref.run)];
  const gate = decision.gate === undefined ? (open.at(-1) ?? null) : await deps.ledger.gates.latest(ref.run, decision.gate);
  const state = {
    run: ref.run,
    runOpen: run.state === 'open',
    gate: gate?.gate ?? null,
    attempt: gate?.attempt ?? 0,
    factsHash: gate?.factsHash ?? '',
    open: gate?.state === 'open',
    deadlineMs: gate?.deadlineAt?.getTime() ?? null,
    arrivedMs: (gate?.now ?? new Date()).getTime(),
  };
  const binding = bindDecision(decision, state, env.people);
  if (binding.accepted && decision.verb === 'noGo' && gate?.state !== 'open')
    return refused('No gate is open to which a no-go could be given; use hold or rollback.');
  if (binding.accepted && decision.verb === 'go' && gate !== null && gate.shut.length > 0)
    return refused(`The gate is shut by its limits and no go can open it: ${gate.shut.join('; ')}`);
  return { binding, gate: decision.verb === 'go' || decision.verb === 'noGo' ? gate : null };
}

/** A legacy system that is frozen as a whole stays closed to everybody once one wave has switched (P6). */
async function isFrozenForAll(deps: Deps, ref: RunRef, source: SourcePort): Promise<boolean> {
  if (source.capabilities.freeze?.granularity !== 'system') return false;
  return (await deps.ledger.waves.all(ref.run)).some(({ state }) => state === 'switching' || state === 'switched');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
