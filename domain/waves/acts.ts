import type { WaveState } from './state.ts';

const undone: readonly WaveState[] = ['rolledBack', 'rolledBackWithExceptions'];

/**
 * What may be done for a wave's attempt beside the writes of its lanes, and in which states. An act that is `over` was done by somebody before:
 * whoever repeats it does nothing and goes on.
 */
const table = {
  stage: { may: ['planned', 'loading', 'shadow', 'frozen'], over: [] },
  freeze: { may: ['loading', 'shadow', 'frozen'], over: [] },
  extend: { may: ['frozen'], over: [] },
  seal: { may: ['frozen'], over: [] },
  unseal: { may: ['frozen'], over: [] },
  release: { may: ['loading', 'shadow', 'frozen'], over: ['switching', 'switched'] },
  takeBack: { may: ['undoing'], over: undone },
  thaw: { may: ['undoing'], over: undone },
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

/** Whether the act may be done now; `over` where it has been done, `late` where the wave has moved on or is not so far. */
export function mayAct(asked: AskedAct, standing: WaveStanding): 'may' | 'over' | 'late' {
  if (!standing.runIsOpen || asked.attempt !== standing.attempt) return 'late';
  const { may, over }: { readonly may: readonly WaveState[]; readonly over: readonly WaveState[] } = table[asked.act];
  if (over.includes(standing.state)) return 'over';
  if (asked.generation !== null && asked.generation !== standing.generation) return 'late';
  return may.includes(standing.state) ? 'may' : 'late';
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
