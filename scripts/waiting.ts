import type { GateKind } from '../contracts/activities.ts';
import type { WaitingGate } from '../contracts/messages.ts';
import { quorum, type Vote } from '../domain/gates/quorum.ts';
import { isRole } from '../domain/plan/names.ts';
import type { GatePlan, Plan } from '../domain/plan/plan.ts';
import type { DecisionRow, GateRow } from '../ledger/gates.ts';
import type { RunView } from './run-view.ts';

const kinds: readonly GateKind[] = ['baseline', 'switch', 'retry', 'close'];

/** What the plan says of a gate: gates are named after their kind, those of a wave `switch-<wave>` and `retry-<wave>`. */
export function gatePlanOf(plan: Plan | null, gate: string): GatePlan | null {
  const kind = kinds.find((candidate) => gate === candidate || gate.startsWith(`${candidate}-`));
  return kind === undefined ? null : (plan?.gates[kind] ?? null);
}

/** The gate that is open in the ledger, as the workflow would show it; null where none is. */
export function waitingInLedger({ gates, decisions, plan }: RunView): WaitingGate | null {
  const row = gates.findLast(({ state }) => state === 'open');
  return row === undefined ? null : waitingOf(row, gatePlanOf(plan, row.gate), decisions);
}

/** A gate attempt with the decisions it has and still needs. */
export function waitingOf(row: GateRow, plan: GatePlan | null, decisions: readonly DecisionRow[]): WaitingGate {
  const roles = plan?.roles ?? [];
  const votes = decisions
    .filter((decision) => decision.gate === row.gate && decision.attempt === row.attempt && decision.outcome === 'accepted')
    .flatMap(voteOf);
  return {
    gate: row.gate,
    wave: row.wave,
    attempt: row.attempt,
    factsHash: row.factsHash,
    roles,
    missing: quorum(roles, votes).missing,
    shut: row.shut,
    since: row.openedAt.toISOString(),
    deadline: row.deadlineAt?.toISOString() ?? null,
    atDeadline: plan?.atDeadline ?? 'hold',
  };
}

function voteOf({ verb, role, person }: DecisionRow): readonly Vote[] {
  if (role === null || !isRole(role) || (verb !== 'go' && verb !== 'noGo')) return [];
  return [{ verb, role, by: person }];
}
