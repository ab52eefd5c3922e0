import type { GateCall, GateJudgement } from '../../contracts/activities.ts';
import type { WaitingGate } from '../../contracts/messages.ts';
import { waitingGate } from '../../contracts/waiting.ts';
import { quorum, votesIn } from '../../domain/gates/quorum.ts';
import { worsened } from '../../domain/gates/worse.ts';
import type { GatePlan } from '../../domain/plan/plan.ts';
import type { DecisionRow, GateRow } from '../../ledger/gates.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { evidenceOf } from './evidence.ts';
import { lapsedLease, unmetPrecondition } from './preconditions.ts';

/** Opens the next attempt of a gate: evidence first, then the row people vote on. */
export function openGate(deps: Deps) {
  return async (call: GateCall): Promise<WaitingGate> => {
    const context = await contextOf(deps, call);
    const gate = context.sys.plan.gates[call.kind];
    const evidence = await evidenceOf(context, call, await attemptOf(context, call.wave));
    const row = await deps.ledger.gates.open({
      run: call.run,
      gate: call.gate,
      wave: call.wave,
      ...evidence,
      deadlineMs: gate.deadline ?? null,
      validityMs: gate.validity,
    });
    await deps.ledger.trail.note(call.run, call.wave, 'gateOpened', { gate: call.gate, attempt: row.attempt, shut: evidence.shut.length });
    return waitingGate(row, gate, gate.roles);
  };
}

/** The attempt of the gate that is open now: one that a workflow before this one had opened goes on, with the votes given at it. */
export function openAttempt(deps: Deps) {
  return async (call: GateCall): Promise<WaitingGate | null> => {
    const row = await deps.ledger.gates.latest(call.run, call.gate);
    if (row?.state !== 'open') return null;
    const { plan } = await deps.systems(call);
    const gate = plan.gates[call.kind];
    const decisions = await deps.ledger.gates.decisions(call.run, { gate: call.gate, attempt: row.attempt });
    return waitingGate(row, gate, quorum(gate.roles, votesIn(decisions)).missing);
  };
}

async function attemptOf(context: Context, wave: string): Promise<number> {
  return (await context.ledger.waves.get(context.ref.run, wave)).attempt;
}

/**
 * Counts the decisions of a gate attempt again (P5). After the quorum the evidence is measured once more, at the moment of action: facts that
 * got worse, or whose validity ended, ask for a new attempt. Preconditions may take `actWithin` to hold; the votes stand meanwhile.
 */
export function judgeGate(deps: Deps) {
  return async (call: GateCall, attempt: number): Promise<GateJudgement> => {
    const context = await contextOf(deps, call);
    const gate = context.sys.plan.gates[call.kind];
    const row = await deps.ledger.gates.latest(call.run, call.gate);
    if (row?.attempt !== attempt)
      return { state: 'worse', detail: `attempt ${String(attempt)} of gate ${call.gate} is no longer the newest` };
    // This activity may be tried again after it had ended the attempt: the end stands.
    if (row.state === 'go' || row.state === 'noGo' || row.state === 'expired' || row.state === 'lapsed')
      return { state: row.state, detail: 'it ended so' };
    if (row.state !== 'open') return { state: 'worse', detail: `the attempt is ${row.state}` };
    const decisions = await deps.ledger.gates.decisions(call.run, { gate: call.gate, attempt });
    const { met, missing, stopped } = quorum(gate.roles, votesIn(decisions));
    if (stopped !== null) return end(context, row, 'noGo', `no-go by ${stopped.by} (${stopped.role})`);
    const now = row.now.getTime();
    if (row.deadlineAt !== null && now >= row.deadlineAt.getTime())
      return end(context, row, 'expired', 'nobody decided before the deadline');
    const lapsed = await lapsedLease(context, call);
    if (lapsed !== null) return end(context, row, 'lapsed', lapsed);
    if (row.shut.length > 0 || now >= row.validUntil.getTime()) {
      const fresh = await evidenceOf(context, call, await attemptOf(context, call.wave));
      if (fresh.factsHash !== row.factsHash || now >= row.validUntil.getTime())
        return again(context, call, row, 'the evidence was measured anew');
    }
    const waiting = waitingGate(row, gate, missing);
    if (!met) return { state: 'waiting', waiting };
    const worse = await worseFacts(context, call, row);
    if (worse !== null) return again(context, call, row, worse);
    const unmet = await unmetPrecondition(context, call);
    if (unmet === null) return goUnlessStopped(context, gate, row, waiting);
    const { actWithin } = context.sys.env.timings;
    if (now - lastVoteMs(decisions) < actWithin) return { state: 'settling', waiting, detail: unmet, lookInMs: settleMs };
    return again(context, call, row, `${unmet}, ${String(Math.round(actWithin / 1000))} s after the quorum`);
  };
}

/** How long a gate with its quorum waits for a precondition before it looks again (ms). */
const settleMs = 1_000;

/** A hold or rollback that was accepted meanwhile comes first; the votes stand until it is lifted. */
async function goUnlessStopped(context: Context, gate: GatePlan, row: GateRow, waiting: WaitingGate): Promise<GateJudgement> {
  const stop = await context.ledger.gates.go(row);
  if (stop !== null) return { state: 'settling', waiting, detail: `a ${stop} stands`, lookInMs: gate.reminder };
  return end(context, row, 'go', 'quorum met');
}

/** A new attempt. Behind a switch gate the wave first freezes, reads and loads again: what changed may stand in the source alone. */
async function again(context: Context, call: GateCall, row: GateRow, detail: string): Promise<GateJudgement> {
  return call.kind === 'switch' ? end(context, row, 'lapsed', detail) : { state: 'worse', detail };
}

async function end(context: Context, row: GateRow, state: 'go' | 'noGo' | 'expired' | 'lapsed', detail: string): Promise<GateJudgement> {
  await context.ledger.gates.end(row.run, row.gate, row.attempt, state);
  await context.ledger.trail.note(row.run, row.wave, 'gateEnded', { gate: row.gate, attempt: row.attempt, state, detail });
  return { state, detail };
}

/** What of the evidence got worse since it was voted on; null when nothing did. */
async function worseFacts(context: Context, call: GateCall, row: GateRow): Promise<string | null> {
  const fresh = await evidenceOf(context, call, await attemptOf(context, call.wave));
  if (fresh.shut.length > 0) return fresh.shut.join('; ');
  // Behind a switch gate the accounts are frozen: there a total that moved tells of a change past the freeze.
  return worsened(row.facts, fresh.facts, call.kind === 'switch');
}

function lastVoteMs(decisions: readonly DecisionRow[]): number {
  return Math.max(...decisions.map(({ at }) => at.getTime()));
}

/** Ends an attempt that nobody will decide any more: the gate was asked too often, or its question is gone. */
export function leaveGate(deps: Deps) {
  return async (call: GateCall, attempt: number): Promise<void> => {
    await deps.ledger.gates.end(call.run, call.gate, attempt, 'stopped');
    await deps.ledger.trail.note(call.run, call.wave, 'gateEnded', {
      gate: call.gate,
      attempt,
      state: 'stopped',
      detail: 'nobody has to decide it any more',
    });
  };
}
