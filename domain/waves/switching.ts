import type { MayBegin } from '../gates/stops.ts';
import type { WaveStanding } from './acts.ts';
import { hasBegunToSwitch } from './state.ts';

/** What the transaction that starts or finishes a switch reads behind its locks, the stop verbs last. */
export interface SwitchCase {
  /** The attempt and the freeze generation the switch was prepared for. */
  readonly attempt: number;
  readonly generation: number;
  readonly at: WaveStanding;
  /** Generation the last delta was read under. */
  readonly stagedGeneration: number | null;
  /** Order of the seal, and of the newest act that changed what legacy refuses for this wave: a seal that another act followed may be a lease again. */
  readonly sealOrder: number;
  readonly newestOrder: number;
  readonly begin: MayBegin;
}

export type SwitchAnswer = 'go' | 'already' | 'lapsed' | 'overtaken' | 'held' | 'stopped' | 'late';

/** Whether a sealed wave may begin to switch: its attempt is frozen, everything was read under the generation that is sealed, and nobody says stop. */
export function mayStartSwitch({ attempt, generation, at, stagedGeneration, sealOrder, newestOrder, begin }: SwitchCase): SwitchAnswer {
  if (!at.runIsOpen || attempt !== at.attempt) return 'late';
  if (hasBegunToSwitch(at.state)) return 'already';
  if (at.state !== 'frozen') return 'late';
  if (generation !== at.generation || stagedGeneration !== at.generation) return 'lapsed';
  if (sealOrder !== newestOrder) return 'overtaken';
  return stopOf(begin);
}

/** Whether the books of a switching wave may go to the target. */
export function mayFinishSwitch({
  attempt,
  generation,
  at,
  begin,
}: Omit<SwitchCase, 'stagedGeneration' | 'sealOrder' | 'newestOrder'>): SwitchAnswer {
  if (!at.runIsOpen || attempt !== at.attempt) return 'late';
  if (at.state === 'switched') return 'already';
  if (at.state !== 'switching' || generation !== at.generation) return 'late';
  return stopOf(begin);
}

function stopOf(begin: MayBegin): 'go' | 'held' | 'stopped' {
  if (begin.may) return 'go';
  return begin.why === 'hold' ? 'held' : 'stopped';
}
