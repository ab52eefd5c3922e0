import type { WaveState } from './state.ts';

/** Which part of a wave's way one workflow goes. */
export type WaveCourse = 'shared' | 'pilot' | 'parallelRun' | 'expansion';

/** Where a wave attempt stands in the ledger, as whoever takes it up needs it. */
export interface WavePlace {
  /** Whether the attempt is still the wave's present one, and nothing orders it back. */
  readonly isPresent: boolean;
  readonly state: WaveState;
  /** The newest attempt of its switch gate since the last freeze began; null where none was opened since. */
  readonly gate: 'open' | 'go' | 'ended' | null;
}

/**
 * The step at which a wave is taken up: from its opening, at the verification of its load, in the parallel run, at its freeze, at its gate that
 * still waits, at the seal after a go, in the switch, in the soak. `done`: the course has been gone. `over`: the attempt is being taken back or was.
 */
export type WaveEntry = 'open' | 'verify' | 'parallelRun' | 'freeze' | 'gate' | 'seal' | 'switch' | 'soak' | 'done' | 'over';

/** Behind a freeze: people who have voted are not asked again where the question still stands. */
const frozenAt = { open: 'gate', go: 'seal', ended: 'freeze' } as const;

const entries: Readonly<Record<WaveState, WaveEntry>> = {
  planned: 'open',
  loading: 'open',
  shadow: 'verify',
  frozen: 'freeze',
  switching: 'switch',
  switched: 'soak',
  undoing: 'over',
  rolledBack: 'over',
  rolledBackWithExceptions: 'over',
  closed: 'done',
};

/** Where a course of a wave is taken up, whatever became of the workflow that went it before. */
export function entryOf(course: WaveCourse, { isPresent, state, gate }: WavePlace): WaveEntry {
  const entry = isPresent ? entries[state] : 'over';
  if (course === 'shared' || course === 'pilot') return entry === 'freeze' || entry === 'switch' || entry === 'soak' ? 'done' : entry;
  if (entry === 'freeze') return gate === null ? 'freeze' : frozenAt[gate];
  return entry === 'verify' && course === 'parallelRun' ? 'parallelRun' : entry;
}
