import type { WaitingGate } from '../contracts/messages.ts';
import type { DecisionRow } from '../ledger/decisions.ts';
import type { RunView } from './run-view.ts';

/** The resume that the ledger has where the workflow, which still shows why it is `held`, has not heard of it yet; else null. */
export function liftedBy(view: RunView | null, held: string | null): DecisionRow | null {
  if (view === null || held === null || view.standing.holds.length > 0 || view.run.held !== null) return null;
  const newest = view.decisions.findLast(({ verb, outcome }) => outcome === 'accepted' && (verb === 'hold' || verb === 'resume'));
  return newest?.verb === 'resume' ? newest : null;
}

/** The resume, or how the gate ended that the workflow still shows, as the beginning of a sentence; null where there is nothing of the kind. */
export function recordedNow(view: RunView | null, shown: WaitingGate | null, lifted: DecisionRow | null): string | null {
  return lifted === null ? decidedAt(view, shown) : `The resume by ${signedBy(lifted)} is recorded`;
}

const outcomes: Readonly<Record<string, string>> = { go: 'go', noGo: 'no-go' };

function decidedAt(view: RunView | null, shown: WaitingGate | null): string | null {
  const row = view?.gates.find(({ gate, attempt }) => gate === shown?.gate && attempt === shown.attempt);
  const outcome = outcomes[row?.state ?? ''];
  if (view === null || row === undefined || outcome === undefined) return null;
  const given = view.decisions
    .filter(({ gate, attempt, outcome: judged }) => gate === row.gate && attempt === row.attempt && judged === 'accepted')
    .map((decision) => `${outcomes[decision.verb] ?? decision.verb} by ${signedBy(decision)}`);
  return `The ${outcome} at gate ${row.gate}, attempt ${String(row.attempt)}, is recorded${given.length === 0 ? '' : ` (${given.join(', ')})`}`;
}

function signedBy({ person, role }: DecisionRow): string {
  return role === null ? person : `${person} (${role})`;
}
