import { setHandler } from '@temporalio/workflow';
import type { WaveRef } from '../contracts/messages.ts';
import { laneRun, overAll } from './activity-proxies.ts';
import { runLane, type Resumption } from './lanes.ts';
import { abandonSignal, resumedSignal } from './signals.ts';
import { asChild } from './child.ts';

/** Lanes that run beside each other; the target's own limits keep the real pace. */
const windowSize = 4;

/** Loads one object of a wave: its lanes in order, a few at a time. Ends early, without an error, when a rollback fenced it. */
export function load(ref: WaveRef, object: string): Promise<'done' | 'fenced'> {
  const resumption: Resumption = { resumed: false };
  setHandler(
    resumedSignal,
    () => {
      resumption.resumed = true;
    },
    { description: 'Sent by the run when a hold is lifted.' },
  );
  const state = { isAbandoned: false };
  setHandler(
    abandonSignal,
    () => {
      state.isAbandoned = true;
      resumption.resumed = true;
    },
    { description: 'Sent by the wave when it is rolled back: begin no further lane.' },
  );
  return asChild(ref, () => loadLanes(ref, object, resumption, state));
}

async function loadLanes(
  ref: WaveRef,
  object: string,
  resumption: Resumption,
  state: { readonly isAbandoned: boolean },
): Promise<'done' | 'fenced'> {
  const lanes = await overAll.planLoad(ref, object);
  const queue = lanes.map((lane, index) => ({ lane, name: `${object} lane ${String(index + 1)} of ${String(lanes.length)}` }));
  const ends: ('done' | 'fenced')[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !ends.includes('fenced') && !state.isAbandoned; next = queue.shift()) {
      const { lane, name } = next;
      ends.push(await runLane(name, resumption, () => laneRun(`load ${name}`).loadLane(ref, lane)));
    }
  };
  await Promise.all(Array.from({ length: windowSize }, work));
  return ends.includes('fenced') || state.isAbandoned ? 'fenced' : 'done';
}
