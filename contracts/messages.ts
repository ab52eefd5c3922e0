/** One task queue for workflows and activities; more workers on it share the work. */
export const taskQueue = 'cutover';

/** Name of the wave of records that no single account owns. */
export const sharedWave = 'shared';

/** Workflow ids, made here and nowhere else. */
export const ids = {
  run: (plan: string, attempt: number): string => `cutover/${plan}/${String(attempt)}`,
  wave: (run: string, wave: string, attempt: number): string => `${run}/wave/${wave}/${String(attempt)}`,
  parallelRun: (run: string, wave: string, attempt: number): string => `${run}/wave/${wave}/${String(attempt)}/parallel-run`,
  /** `shared`: of the shared records, for a wave that may need them; each wave counts its own rounds. */
  load: (waveId: string, of: 'own' | 'shared', round: number): string =>
    of === 'own' ? `${waveId}/load/${String(round)}` : `${waveId}/load/shared/${String(round)}`,
  watch: (run: string): string => `${run}/watch`,
  rollback: (run: string, wave: string, attempt: number): string => `${run}/rollback/${wave}/${String(attempt)}`,
} as const;

/** Names of a wave's gates, made here and nowhere else. */
export const gateNames = {
  switch: (wave: string): string => `switch-${wave}`,
  retry: (wave: string): string => `retry-${wave}`,
} as const;

/** The plan's name in a run id; null where the text is none. */
export function planOfRun(run: string): string | null {
  return /^cutover\/([^/]+)\/\d+$/.exec(run)?.[1] ?? null;
}

/** Signals that people send to `cutover`, each with one raw decision message. */
export const personSignals = ['decide', 'hold', 'resume', 'rollback'] as const;
export type PersonSignal = (typeof personSignals)[number];

/** Signal by which a parent is told that a child which another execution of it had started has written its end in the ledger. */
export const childEnded = 'ended';

/** Signal by which anybody asks a run to measure the gate that waits again; it decides nothing. */
export const measureAgain = 'measureAgain';

/** Signal by which a run is told to read the ledger again, and to go on from there. */
export const takeUp = 'takeUp';

/** Search attributes by which runs are found; all keywords. */
export const searchAttributes = {
  plan: 'CutoverPlan',
  phase: 'CutoverPhase',
  wave: 'CutoverWave',
  gate: 'CutoverGate',
  health: 'CutoverHealth',
} as const;

/** What a run works on: its id, and plan and env by hash. */
export interface RunRef {
  readonly run: string;
  readonly planHash: string;
  readonly envHash: string;
}

export interface WaveRef extends RunRef {
  readonly wave: string;
  readonly attempt: number;
}

/** A gate that waits, as the Timeline, `status` and the query `gate` show it. */
export interface WaitingGate {
  readonly gate: string;
  readonly wave: string;
  readonly attempt: number;
  readonly factsHash: string;
  readonly roles: readonly string[];
  readonly missing: readonly string[];
  /** Limits that shut the gate, in words; empty when it can open. */
  readonly shut: readonly string[];
  readonly since: string;
  readonly deadline: string | null;
  readonly atDeadline: string;
}

/** Answer of the query `status`. */
export interface RunStatus {
  readonly run: string;
  readonly phase: string;
  readonly step: string;
  readonly wave: string | null;
  readonly held: string | null;
  /** No-gos and rollbacks that stand against going on, in words. */
  readonly stops: readonly string[];
  readonly waiting: WaitingGate | null;
  readonly rollback: string | null;
  readonly refused: number;
  readonly end: string | null;
}

/** Answer of the query `outcome`: what became of one message. */
export type MessageOutcome =
  | { readonly state: 'unknown' | 'pending' | 'busy' }
  | { readonly state: 'accepted' | 'refused'; readonly detail: string };
