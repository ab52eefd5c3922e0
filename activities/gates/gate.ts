import type { GateCall, GateJudgement } from '../../contracts/activities.ts';
import type { WaitingGate } from '../../contracts/messages.ts';
import { waitingGate } from '../../contracts/waiting.ts';
import type { GateEnded } from '../../domain/gates/opening.ts';
import { quorum, votesIn } from '../../domain/gates/quorum.ts';
import { putRight, worsened } from '../../domain/gates/worse.ts';
import type { GatePlan } from '../../domain/plan/plan.ts';
import type { DecisionRow } from '../../ledger/decisions.ts';
import type { GateRow } from '../../ledger/gates.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { calledAs } from '../pulse.ts';
import { resumable, type Tries } from '../tries.ts';
import { evidenceOf, type Evidence } from './evidence.ts';
import { lapsedLease, unmetPrecondition } from './preconditions.ts';

/** Opens the next attempt of a gate: evidence first, then the row people vote on. */
export function openGate(deps: Deps) {
  return (call: GateCall): Promise<WaitingGate> =>
    resumable(deps.ledger, { run: call.run, what: call.gate }, (tries) => open(deps, call, tries));
}

async function open(deps: Deps, call: GateCall, tries: Tries): Promise<WaitingGate> {
  const { key, askedMs } = calledAs();
  const context = await contextOf(deps, call);
  const gate = context.sys.plan.gates[call.kind];
  const waveAttempt = await attemptOf(context, call.wave);
  const row = await deps.ledger.gates.open({
    ...{ run: call.run, gate: call.gate, kind: call.kind, wave: call.wave, waveAttempt },
    ...(await evidenceOf(context, call, waveAttempt, tries)),
    deadlineMs: gate.deadline ?? null,
    validityMs: gate.validity,
    call: key,
    askedMs,
  });
  return waitingGate(row, gate, gate.roles);
}

/** The attempt of the gate that is open now: one that a workflow before this one had opened goes on, with the votes given at it. */
export function openAttempt(deps: Deps) {
  return async (call: GateCall): Promise<WaitingGate | null> => {
    const row = await deps.ledger.gates.takeUp(call.run, call.gate, calledAs());
    if (row === null) return null;
    const { plan } = await deps.systems(call);
    const gate = plan.gates[call.kind];
    const decisions = await deps.ledger.decisions.all(call.run, { gate: call.gate, attempt: row.attempt });
    return waitingGate(row, gate, quorum(gate.roles, votesIn(decisions)).missing);
  };
}

async function attemptOf(context: Context, wave: string): Promise<number> {
  return (await context.ledger.waves.get(context.ref.run, wave)).attempt;
}

/**
 * Counts the decisions of a gate attempt again (P5). After the quorum the evidence is measured once more, at the moment of action: facts that
 * got worse, or whose validity ended, ask for a new attempt. Preconditions may take `actWithin` to hold; the votes stand meanwhile. Whether the run
 * goes through is then decided by the ledger, behind its locks, on what stands at that moment. `again`: somebody asked to measure now. A try
 * whose measurement is older than the newest decides nothing by it, and is made again.
 */
export function judgeGate(deps: Deps) {
  return async (call: GateCall, attempt: number, again = false): Promise<GateJudgement> => {
    const context = await contextOf(deps, call);
    const gate = context.sys.plan.gates[call.kind];
    const row = await deps.ledger.gates.latest(call.run, call.gate);
    if (row?.attempt !== attempt)
      return { state: 'remeasure', detail: `attempt ${String(attempt)} of gate ${call.gate} is no longer the newest` };
    // A no-go ends the attempt where it is recorded; and this activity may be tried again after it had ended it itself. The end stands.
    if (row.state !== 'open') return endedAs(row.state, 'it ended so');
    const ended = await endOf(context, call, row);
    if (ended !== null) return end(context, row, ...ended, row.now);
    const decisions = await deps.ledger.decisions.all(call.run, { gate: call.gate, attempt });
    if (again || row.shut.length > 0) {
      const fresh = await evidenceOf(context, call, row.waveAttempt);
      const worse = row.shut.length > 0 ? otherFacts(row, fresh) : worseThan(row, fresh, call.kind === 'switch');
      // What got better voids no vote; where nobody has voted yet, people are shown it as it is now.
      const changed = worse ?? (votesIn(decisions).length === 0 ? putRight(row.facts, fresh.facts) : null);
      if (changed !== null) return end(context, row, 'remeasure', changed, row.now);
      await deps.ledger.gates.noteMeasured(row, row.now);
    }
    const { met, missing } = quorum(gate.roles, votesIn(decisions));
    const waiting = waitingGate(row, gate, missing);
    return met ? goThrough(context, call, row, { gate, waiting, decisions }) : { state: 'waiting', waiting };
  };
}

/** What ends an attempt before anybody's vote is looked at; null while nothing does. */
async function endOf(context: Context, call: GateCall, row: GateRow): Promise<[Exclude<GateEnded, 'go'>, string] | null> {
  const now = row.now.getTime();
  if (row.deadlineAt !== null && now >= row.deadlineAt.getTime()) return ['expired', 'nobody decided before the deadline'];
  const lapsed = await lapsedLease(context, call);
  if (lapsed !== null) return ['leaseLapsed', lapsed];
  return now >= row.validUntil.getTime() ? ['remeasure', 'the validity of its evidence ended'] : null;
}

/** How long a gate with its quorum waits for a precondition before it looks again (ms). */
const settleMs = 1_000;

/** What is known of a gate that has its quorum. */
interface Voted {
  readonly gate: GatePlan;
  readonly waiting: WaitingGate;
  readonly decisions: readonly DecisionRow[];
}

/** The moment of action: measured once more without a lock, then judged and opened behind the locks. */
async function goThrough(context: Context, call: GateCall, row: GateRow, { gate, waiting, decisions }: Voted): Promise<GateJudgement> {
  const worse = worseThan(row, await evidenceOf(context, call, row.waveAttempt), call.kind === 'switch');
  if (worse !== null) return end(context, row, 'remeasure', worse, row.now);
  await context.ledger.gates.noteMeasured(row, row.now);
  const unmet = await unmetPrecondition(context, call);
  if (unmet !== null) {
    const { actWithin } = context.sys.env.timings;
    if (row.now.getTime() - lastVoteMs(decisions) < actWithin) return { state: 'settling', waiting, detail: unmet, lookInMs: settleMs };
    return end(context, row, 'remeasure', `${unmet}, ${String(Math.round(actWithin / 1000))} s after the quorum`, row.now);
  }
  const opening = await context.ledger.gates.letThrough(row, gate.roles, row.now);
  switch (opening.act) {
    case 'wait':
      return opening.missing.length > 0
        ? { state: 'waiting', waiting: { ...waiting, missing: opening.missing } }
        : { state: 'settling', waiting, detail: opening.detail, lookInMs: gate.reminder };
    case 'ended':
      return endedAs(opening.state, 'it ended so');
    case 'end':
      return endedAs(opening.end, opening.detail);
    case 'open':
      return endedAs('go', 'quorum met');
  }
}

/** Ends an attempt for what was read from `readAt` on; an end that came first, such as a no-go, stands. */
async function end(context: Context, row: GateRow, state: Exclude<GateEnded, 'go'>, detail: string, readAt: Date): Promise<GateJudgement> {
  const stands = await context.ledger.gates.end(row, state, detail, readAt);
  return endedAs(stands, stands === state ? detail : 'it ended so');
}

/** A gate that is shut asks for a new attempt as soon as anything is otherwise. */
function otherFacts(row: GateRow, fresh: Evidence): string | null {
  return fresh.factsHash === row.factsHash ? null : 'the evidence was measured anew';
}

/** What of the evidence got worse since it was voted on; null when nothing did. */
function worseThan(row: GateRow, fresh: Evidence, isFrozen: boolean): string | null {
  if (fresh.shut.length > 0) return fresh.shut.join('; ');
  // Behind a switch gate the accounts are frozen: there a total that moved tells of a change past the freeze.
  return worsened(row.facts, fresh.facts, isFrozen);
}

/** The end of an attempt as the workflow goes on from it: one that somebody else replaced is opened anew. */
function endedAs(state: GateEnded, detail: string): GateJudgement {
  return { state: state === 'superseded' ? 'remeasure' : state, detail };
}

function lastVoteMs(decisions: readonly DecisionRow[]): number {
  return Math.max(...decisions.map(({ at }) => at.getTime()));
}

/**
 * Ends an attempt that nobody will decide any more: the gate was asked too often (`exhausted`), or its question is gone (`moot`). Nothing where another
 * execution of the workflow goes on with it since.
 */
export function leaveGate(deps: Deps) {
  return async (call: GateCall, attempt: number, state: 'exhausted' | 'moot' = 'moot'): Promise<void> => {
    const detail = state === 'moot' ? 'nobody has to decide it any more' : 'its evidence never became good enough';
    await deps.ledger.gates.leave({ run: call.run, gate: call.gate, attempt }, state, detail, calledAs());
  };
}
