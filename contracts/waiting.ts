import type { GatePlan } from '../domain/plan/plan.ts';
import type { WaitingGate } from './messages.ts';

/** A gate attempt as the ledger has it. */
export interface GateAttempt {
  readonly gate: string;
  readonly wave: string;
  readonly attempt: number;
  readonly factsHash: string;
  readonly shut: readonly string[];
  readonly openedAt: Date;
  readonly deadlineAt: Date | null;
}

/** A gate attempt as people see it, with the roles still `missing`; `plan` null where the stored plan cannot be read. */
export function waitingGate(
  { gate, wave, attempt, factsHash, shut, openedAt, deadlineAt }: GateAttempt,
  plan: GatePlan | null,
  missing: readonly string[],
): WaitingGate {
  return {
    gate,
    wave,
    attempt,
    factsHash,
    roles: plan?.roles ?? [],
    missing,
    shut,
    since: openedAt.toISOString(),
    deadline: deadlineAt?.toISOString() ?? null,
    atDeadline: plan?.atDeadline ?? 'hold',
  };
}
