import type { Person } from '../plan/env.ts';
import type { Role } from '../plan/names.ts';
import { rolesThatMay, type GateKind, type RightsPlan } from '../plan/rights.ts';
import type { WaveState } from '../waves/state.ts';
import type { Decision } from './decision.ts';
import type { Standing } from './stops.ts';

/** The newest attempt of the gate a decision names or, where it names none, of the one that is open. */
export interface GateOnDesk {
  readonly gate: string;
  readonly kind: GateKind;
  readonly wave: string;
  readonly attempt: number;
  readonly factsHash: string;
  readonly open: boolean;
  /** Limits that shut it, in words. */
  readonly shut: readonly string[];
  /** Its deadline (milliseconds, UTC); null where it has none. */
  readonly deadlineMs: number | null;
}

/** Everything a decision is judged by, as the transaction that records it reads it behind its locks. */
export interface Desk {
  readonly run: string;
  /** False once the run is closed: then nothing can be decided any more. */
  readonly runOpen: boolean;
  readonly gate: GateOnDesk | null;
  readonly waves: readonly { readonly name: string; readonly state: WaveState }[];
  readonly standing: Standing;
  /** When the decision is recorded (milliseconds, UTC). */
  readonly nowMs: number;
}

/** What of plan and env says who may decide, and what can be taken back. */
export interface Deciders extends RightsPlan {
  readonly people: readonly Person[];
  /** Waves that a rollback or a hold may name. */
  readonly scopes: readonly string[];
  /** True where legacy can only be frozen as a whole. */
  readonly frozenAsAWhole: boolean;
}

export type RefusalCode =
  | 'wrongRun'
  | 'runClosed'
  | 'unknownPerson'
  | 'roleNotHeld'
  | 'noRight'
  | 'wrongGate'
  | 'closed'
  | 'expired'
  | 'stale'
  | 'shut'
  | 'noGate'
  | 'unknownScope'
  | 'wholeOnly'
  | 'neverBegan'
  | 'takenBack'
  | 'notHeld'
  | 'unknownHold'
  | 'malformed';

/** What an accepted decision does where it is recorded. */
export type Effect =
  | { readonly act: 'vote'; readonly gate: GateOnDesk }
  | { readonly act: 'stopGate'; readonly gate: GateOnDesk }
  | { readonly act: 'hold'; readonly scope: string }
  | { readonly act: 'lift'; readonly holds: readonly number[] }
  | { readonly act: 'takeBack'; readonly scope: string };

export type Binding =
  | { readonly accepted: true; readonly effect: Effect }
  | { readonly accepted: false; readonly code: RefusalCode; readonly reason: string };

/** Whether a person holds a role, in person or as the deputy of somebody who does. */
export function holdsRole(people: readonly Person[], id: string, role: Role): boolean {
  return people.some((person) => person.roles.includes(role) && (person.id === id || person.deputy === id));
}

function refuse(code: RefusalCode, reason: string): Binding {
  return { accepted: false, code, reason };
}

function accept(effect: Effect): Binding {
  return { accepted: true, effect };
}

/** How a verb is spoken of in a refusal. */
const deeds: Readonly<Record<Decision['verb'], string>> = {
  go: 'say go',
  noGo: 'say no-go',
  hold: 'hold it',
  resume: 'resume it',
  rollback: 'roll it back',
};

function refusalOfPerson(decision: Decision, { run, runOpen, gate }: Desk, deciders: Deciders): Binding | null {
  if (decision.run !== run) return refuse('wrongRun', 'It names another run.');
  if (!runOpen) return refuse('runClosed', 'The run is closed.');
  const { by, role, verb } = decision;
  if (!deciders.people.some(({ id }) => id === by)) return refuse('unknownPerson', 'The env file names no such person.');
  if (!holdsRole(deciders.people, by, role))
    return refuse('roleNotHeld', 'This person neither holds the role nor stands in for somebody who does.');
  const kind = gate?.kind ?? null;
  const may = rolesThatMay(deciders, verb, kind);
  const at = kind === null ? '' : ` at a ${kind} gate`;
  return may.includes(role) ? null : refuse('noRight', `The plan lets ${may.join(' or ')} ${deeds[verb]}${at}, and not ${role}.`);
}

function bindGo(decision: Decision, { gate, nowMs }: Desk): Binding {
  if (gate?.open !== true) return refuse('closed', 'The gate is not open.');
  if (decision.gate !== gate.gate) return refuse('wrongGate', 'It names another gate than the one that is open.');
  if (gate.deadlineMs !== null && nowMs > gate.deadlineMs) return refuse('expired', 'The gate had passed its deadline.');
  if (decision.attempt !== gate.attempt || decision.factsHash !== gate.factsHash)
    return refuse('stale', 'It was given on an earlier attempt or on other facts; look at the gate again.');
  if (gate.shut.length > 0) return refuse('shut', `The gate is shut by its limits and no go can open it: ${gate.shut.join('; ')}`);
  return accept({ act: 'vote', gate });
}

function bindNoGo({ gate }: Desk): Binding {
  if (gate?.open !== true) return refuse('noGate', 'No gate is open to which a no-go could be given; use hold or rollback.');
  return accept({ act: 'stopGate', gate });
}

function bindHold({ scope = 'run' }: Decision, { scopes }: Deciders): Binding {
  return scope === 'run' || scopes.includes(scope) ? accept({ act: 'hold', scope }) : unknownScope();
}

function unknownScope(): Binding {
  return refuse('unknownScope', 'It names a scope that is neither run nor a wave of the plan.');
}

/** Only holds that stand can be lifted, each by its number; `all` lifts every one that stands now. */
function bindResume({ holds = [] }: Decision, { standing }: Desk): Binding {
  const numbers = standing.holds.map(({ number }) => number);
  if (numbers.length === 0) return refuse('notHeld', 'Nothing is held, so there is nothing to resume.');
  if (holds === 'all') return accept({ act: 'lift', holds: numbers });
  const unknown = holds.filter((number) => !numbers.includes(number));
  if (unknown.length > 0)
    return refuse('unknownHold', `Hold ${unknown.join(', ')} does not stand; those that stand: ${numbers.join(', ')}. Nothing was lifted.`);
  return accept({ act: 'lift', holds });
}

/** A wave can be taken back once it began and until it was; the whole run while it is open. */
function bindRollback({ scope = 'run' }: Decision, { waves }: Desk, { scopes, frozenAsAWhole }: Deciders): Binding {
  if (scope === 'run') return accept({ act: 'takeBack', scope });
  const state = waves.find(({ name }) => name === scope)?.state;
  if (!scopes.includes(scope) || state === undefined) return unknownScope();
  if (frozenAsAWhole && waves.some((wave) => wave.state === 'switching' || wave.state === 'switched'))
    return refuse(
      'wholeOnly',
      'Legacy is frozen as a whole and a wave has switched: only the whole run can go back; send it with the scope run.',
    );
  if (state === 'planned')
    return refuse('neverBegan', `Wave ${scope} has not begun, so there is nothing to take back; hold it if it must not begin.`);
  if (state === 'rolledBack' || state === 'rolledBackWithExceptions')
    return refuse('takenBack', `Wave ${scope} has been taken back already; its next attempt begins only by a go at its retry gate.`);
  return accept({ act: 'takeBack', scope });
}

/**
 * Whether a decision counts, and what it then does. A go binds to run, gate, attempt and facts, and until the deadline; hold, no-go, rollback and
 * resume bind to the run. Every one needs the right to it. A refused decision changes nothing and is recorded with its code and reason.
 */
export function bindDecision(decision: Decision, desk: Desk, deciders: Deciders): Binding {
  const refusal = refusalOfPerson(decision, desk, deciders);
  if (refusal !== null) return refusal;
  switch (decision.verb) {
    case 'go':
      return bindGo(decision, desk);
    case 'noGo':
      return bindNoGo(desk);
    case 'hold':
      return bindHold(decision, deciders);
    case 'resume':
      return bindResume(decision, desk);
    case 'rollback':
      return bindRollback(decision, desk, deciders);
  }
}
