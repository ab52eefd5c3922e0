import type { WaitingGate } from '../contracts/messages.ts';
import { waitingGate } from '../contracts/waiting.ts';
import { quorum, votesIn } from '../domain/gates/quorum.ts';
import type { GatePlan, Plan } from '../domain/plan/plan.ts';
import { gateKinds, type GateKind } from '../domain/plan/rights.ts';
import type { DecisionRow } from '../ledger/decisions.ts';
import type { GateRow } from '../ledger/gates.ts';
import type { RunView } from './run-view.ts';

/** The kind of a gate, by its name. */
export function gateKindOf(gate: string): GateKind | null {
  return gateKinds.find((candidate) => gate === candidate || gate.startsWith(`${candidate}-`)) ?? null;
}

/** What the plan says of a gate: gates are named after their kind, those of a wave `switch-<wave>` and `retry-<wave>`. */
export function gatePlanOf(plan: Plan | null, gate: string): GatePlan | null {
  const kind = gateKindOf(gate);
  return kind === null ? null : (plan?.gates[kind] ?? null);
}

/** The gate that is open in the ledger, as the workflow would show it; null where none is. */
export function waitingInLedger({ gates, decisions, plan }: RunView): WaitingGate | null {
  const row = gates.findLast(({ state }) => state === 'open');
  return row === undefined ? null : waitingOf(row, gatePlanOf(plan, row.gate), decisions);
}

/**
 * The gate that a workflow shows, with the votes that the ledger has: they count before the workflow hears of them. One that has ended there is waited at
 * no more; where the evidence changed, the attempt that took its place is.
 */
export function waitingNow(shown: WaitingGate | null, view: RunView | null): WaitingGate | null {
  if (view === null || shown === null) return shown;
  const row = view.gates.find(({ gate, attempt }) => gate === shown.gate && attempt === shown.attempt);
  if (row === undefined) return shown;
  return row.state === 'open' ? waitingOf(row, gatePlanOf(view.plan, row.gate), view.decisions) : waitingInLedger(view);
}

/** A gate attempt with the decisions it has and still needs. */
export function waitingOf(row: GateRow, plan: GatePlan | null, decisions: readonly DecisionRow[]): WaitingGate {
  const roles = plan?.roles ?? [];
  const given = decisions.filter(({ gate, attempt, outcome }) => gate === row.gate && attempt === row.attempt && outcome === 'accepted');
  return waitingGate(row, plan, quorum(roles, votesIn(given)).missing);
}
