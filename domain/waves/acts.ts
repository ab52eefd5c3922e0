import { mayWrite, type LaneKind, type WaveState } from './state.ts';

const undone: readonly WaveState[] = ['rolledBack', 'rolledBackWithExceptions'];

const underWay: readonly WaveState[] = ['loading', 'shadow', 'frozen', 'switching', 'switched'];

/**
 * What may be done for a wave's attempt beside the writes of its lanes, and in which states. An act that is `over` was done by somebody before:
 * whoever repeats it does nothing and goes on.
 */
const table = {
  stage: { may: ['planned', 'loading', 'shadow', 'frozen'], over: [] },
  freeze: { may: ['shadow', 'frozen'], over: [] },
  extend: { may: ['frozen'], over: [] },
  seal: { may: ['frozen'], over: [] },
  unseal: { may: ['frozen'], over: [] },
  release: { may: ['shadow', 'frozen'], over: ['switching', 'switched'] },
  findBusiness: { may: ['switched', 'undoing'], over: undone },
  takeBack: { may: ['undoing'], over: undone },
  thaw: { may: ['undoing'], over: undone },
  takeUp: { may: ['planned'], over: [] },
  leave: { may: ['switched'], over: [] },
} as const satisfies Readonly<Record<string, { readonly may: readonly WaveState[]; readonly over: readonly WaveState[] }>>;

export type WaveAct = keyof typeof table;

/** One numbered attempt of a wave. */
export interface WaveAttempt {
  readonly run: string;
  readonly wave: string;
  readonly attempt: number;
}

/** What somebody wants to do, and for which attempt; a freeze generation where the act concerns one. */
export interface AskedAct {
  readonly act: WaveAct;
  readonly attempt: number;
  readonly generation: number | null;
}

/** Where run and wave stand, read under their locks. */
export interface WaveStanding {
  readonly runIsOpen: boolean;
  readonly state: WaveState;
  readonly attempt: number;
  readonly generation: number;
}

/**
 * Whether the act may be done now; `over` where it has been done, `late` where the wave has moved on or is not so far. `overtaken`: the wave stands where
 * the act belongs, and was frozen anew since it was asked for: whoever tries again learns of the new generation.
 */
export function mayAct(asked: AskedAct, standing: WaveStanding): 'may' | 'over' | 'late' | 'overtaken' {
  if (!standing.runIsOpen || asked.attempt !== standing.attempt) return 'late';
  const { may, over }: { readonly may: readonly WaveState[]; readonly over: readonly WaveState[] } = table[asked.act];
  if (over.includes(standing.state)) return 'over';
  if (!may.includes(standing.state)) return 'late';
  return asked.generation === null || asked.generation === standing.generation ? 'may' : 'overtaken';
}

/** What is done for a run as a whole. */
export type RunAct = 'install' | 'export' | 'uninstall' | 'handOver';

const allows: Readonly<Record<RunAct, readonly WaveState[]>> = {
  install: ['planned'],
  export: ['planned'],
  uninstall: ['planned', 'rolledBack', 'rolledBackWithExceptions', 'closed'],
  handOver: ['closed'],
};

/** Whether an act on the whole run may be done now: the run is open and each of its waves stands where the act allows it. */
export function mayActInRun(act: RunAct, runIsOpen: boolean, waves: readonly WaveState[]): boolean {
  return runIsOpen && waves.every((state) => allows[act].includes(state));
}

/**
 * Where an attempt stands when it is to begin. `what` is the next attempt of a wave that was taken back or never got ready, or the wave's work. `already` where this
 * attempt is as far or further.
 */
export function mayBeginAt(what: 'wave' | 'attempt', attempt: number, at: WaveStanding | undefined): 'may' | 'already' | 'late' {
  if (at?.runIsOpen !== true) return 'late';
  if (what === 'attempt') {
    if (at.attempt === attempt) return 'already';
    return at.attempt === attempt - 1 && (at.state === 'planned' || undone.includes(at.state)) ? 'may' : 'late';
  }
  if (at.attempt !== attempt) return 'late';
  if (at.state === 'planned') return 'may';
  return underWay.includes(at.state) ? 'already' : 'late';
}

/** Whether a wave in this state can be taken back: it has begun, and has not ended. */
export function mayRaise(state: WaveState): boolean {
  return state === 'undoing' || underWay.includes(state);
}

/**
 * Whether lanes of this kind may be planned for this attempt now; those of an undo while it is being taken back, or has switched: then accounts that
 * stayed in legacy may leave it.
 */
export function mayPlan(kind: LaneKind, attempt: number, at: WaveStanding): boolean {
  if (!at.runIsOpen || attempt !== at.attempt) return false;
  return kind === 'undo' ? at.state === 'undoing' || at.state === 'switched' : mayWrite(at.state, kind);
}

const ends: Readonly<Record<'closed' | 'refused' | 'rolledBack' | 'rolledBackWithExceptions', RunAct>> = {
  refused: 'install',
  closed: 'handOver',
  rolledBack: 'uninstall',
  rolledBackWithExceptions: 'uninstall',
};

/** Whether a run may end so: refused before any wave began, closed with all of them, taken back once none is under way. */
export function mayEndRun(end: keyof typeof ends, runIsOpen: boolean, waves: readonly WaveState[]): boolean {
  return mayActInRun(ends[end], runIsOpen, waves);
}
