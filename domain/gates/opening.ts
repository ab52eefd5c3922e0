import type { Role } from '../plan/names.ts';
import { quorum, type Vote } from './quorum.ts';
import { mayBegin, type Beginning, type Standing } from './stops.ts';

/** How an attempt of a gate can end. `superseded`: a newer attempt took its place; `moot`: its question is gone. */
export const gateEnds = ['go', 'noGo', 'expired', 'remeasure', 'leaseLapsed', 'exhausted', 'superseded', 'moot'] as const;
export type GateEnded = (typeof gateEnds)[number];

/** A gate attempt and all that decides whether the run may go through, as the opening transaction reads it behind its locks. */
export interface OpeningCase {
  readonly runOpen: boolean;
  /** The attempt that was measured, and the newest one there is. */
  readonly attempt: number;
  readonly newest: number;
  readonly state: 'open' | GateEnded;
  readonly shut: readonly string[];
  /** The wave it leads on; null where it leads the whole run on, which anything that stands then stops. */
  readonly wave: string | null;
  /** Attempt of the wave that the gate was opened for, and its present one. */
  readonly waveAttempt: number;
  readonly currentAttempt: number;
  /** What begins behind it. */
  readonly begins: Beginning;
  readonly roles: readonly Role[];
  readonly votes: readonly Vote[];
  readonly deadlineMs: number | null;
  readonly validUntilMs: number;
  readonly nowMs: number;
  readonly standing: Standing;
}

/** What becomes of an attempt that is to be opened: it opens, ends otherwise, or stays open because something stands against it. */
export type Opening =
  | { readonly act: 'open' }
  | { readonly act: 'end'; readonly end: 'noGo' | 'expired' | 'remeasure' | 'moot'; readonly detail: string }
  | { readonly act: 'ended'; readonly state: GateEnded }
  | { readonly act: 'wait'; readonly missing: readonly Role[]; readonly detail: string };

function notForThis(gate: OpeningCase): Opening | null {
  if (gate.state !== 'open') return { act: 'ended', state: gate.state };
  if (gate.attempt !== gate.newest) return { act: 'ended', state: 'superseded' };
  if (!gate.runOpen || gate.waveAttempt !== gate.currentAttempt)
    return { act: 'end', end: 'moot', detail: 'the run, or the attempt of the wave it was opened for, is over' };
  return null;
}

/**
 * Whether the run may go through a gate now. Everything is judged anew, on what is there when nobody can change it any more: run, attempt and facts,
 * deadline, quorum, and last what stands against it. A no-go wins over any number of goes; a hold or a rollback keeps the votes and the gate shut.
 */
export function decideOpening(gate: OpeningCase): Opening {
  const over = notForThis(gate);
  if (over !== null) return over;
  const { met, missing, stopped } = quorum(gate.roles, gate.votes);
  if (stopped !== null) return { act: 'end', end: 'noGo', detail: `no-go by ${stopped.by} (${stopped.role})` };
  if (gate.deadlineMs !== null && gate.nowMs >= gate.deadlineMs)
    return { act: 'end', end: 'expired', detail: met ? 'the deadline passed before it could open' : 'nobody decided before the deadline' };
  if (gate.nowMs >= gate.validUntilMs) return { act: 'end', end: 'remeasure', detail: 'the evidence it was voted on is no longer valid' };
  if (!met) return { act: 'wait', missing, detail: `it waits for ${missing.join(', ')}` };
  if (gate.shut.length > 0) return { act: 'wait', missing, detail: `it is shut by its limits: ${gate.shut.join('; ')}` };
  const may = mayBegin(gate.begins, gate.wave, gate.standing);
  return may.may ? { act: 'open' } : { act: 'wait', missing: [], detail: may.detail };
}
