import type { Person } from '../plan/env.ts';
import type { Role } from '../plan/names.ts';
import { isStopVerb, type Decision } from './decision.ts';

/** The run, and the gate that is open in it or was last. */
export interface GateState {
  readonly run: string;
  /** False once the run is closed: then nothing can be decided any more. */
  readonly runOpen: boolean;
  readonly gate: string | null;
  readonly attempt: number;
  readonly factsHash: string;
  readonly open: boolean;
  /** The gate's deadline, and when the decision arrived (milliseconds, UTC). */
  readonly deadlineMs: number | null;
  readonly arrivedMs: number;
}

/** Why a decision counts for nothing, in one sentence each. */
const refusals = {
  wrongRun: 'It names another run.',
  runClosed: 'The run is closed.',
  unknownPerson: 'The env file names no such person.',
  roleNotHeld: 'This person neither holds the role nor stands in for somebody who does.',
  wrongGate: 'It names another gate than the one that is open.',
  closed: 'The gate is not open.',
  expired: 'The gate had passed its deadline.',
  stale: 'It was given on an earlier attempt or on other facts; look at the gate again.',
} as const;
export type RefusalCode = keyof typeof refusals | 'malformed' | 'repeated';

export type Binding = { readonly accepted: true } | { readonly accepted: false; readonly code: RefusalCode; readonly reason: string };

/** Whether a person holds a role, in person or as the deputy of somebody who does. */
export function holdsRole(people: readonly Person[], id: string, role: Role): boolean {
  return people.some((person) => person.roles.includes(role) && (person.id === id || person.deputy === id));
}

function gateRefusal(decision: Decision, state: GateState): keyof typeof refusals | null {
  if (state.gate === null || !state.open) return 'closed';
  if (decision.gate !== state.gate) return 'wrongGate';
  if (state.deadlineMs !== null && state.arrivedMs > state.deadlineMs) return 'expired';
  return decision.attempt === state.attempt && decision.factsHash === state.factsHash ? null : 'stale';
}

function refusalOf(decision: Decision, state: GateState, people: readonly Person[]): keyof typeof refusals | null {
  if (decision.run !== state.run) return 'wrongRun';
  if (!state.runOpen) return 'runClosed';
  if (!people.some((person) => person.id === decision.by)) return 'unknownPerson';
  if (!holdsRole(people, decision.by, decision.role)) return 'roleNotHeld';
  if (isStopVerb(decision.verb) || decision.verb === 'resume') return null;
  return gateRefusal(decision, state);
}

/**
 * Whether a decision counts. A go binds to run, gate, attempt and facts, and until the deadline; hold, no-go, rollback and resume bind
 * to the run alone. A refused decision changes nothing and is recorded with its code and reason.
 */
export function bindDecision(decision: Decision, state: GateState, people: readonly Person[]): Binding {
  const code = refusalOf(decision, state, people);
  return code === null ? { accepted: true } : { accepted: false, code, reason: refusals[code] };
}
