import { setHandler } from '@temporalio/workflow';
import type { WaveRef } from '../contracts/messages.ts';
import { laneRun, overAll } from './activity-proxies.ts';
import { asChild } from './child.ts';
import { runLane, type Resumption } from './lanes.ts';
import { goOnAnew, handlersAtRest, isOver } from './long.ts';
import { abandonSignal, resumedSignal } from './signals.ts';

/** Lanes that run beside each other; the target's own limits keep the real pace. */
const windowSize = 4;

/** The lanes of the object under way that are still to do, and how many there were. */
export interface LanesLeft {
  readonly lanes: readonly number[];
  readonly of: number;
}

/** What the signals of the run and the wave have said. */
interface Heard extends Resumption {
  isAbandoned: boolean;
}

/**
 * Loads these objects of a wave, one after another: the lanes of each in order, a few at a time. Ends early, without an error, when a rollback fenced
 * it. `left` are the lanes of the first object that the execution before this one has not done.
 */
export function load(ref: WaveRef, objects: readonly string[], left: LanesLeft | null = null): Promise<'done' | 'fenced'> {
  const heard: Heard = { resumed: false, isAbandoned: false };
  setHandler(
    resumedSignal,
    () => {
      heard.resumed = true;
    },
    { description: 'Sent by the run when a hold is lifted.' },
  );
  setHandler(
    abandonSignal,
    () => {
      Object.assign(heard, { isAbandoned: true, resumed: true });
    },
    { description: 'Sent by the wave when it is rolled back: begin no further lane.' },
  );
  return asChild(ref, async () => {
    let rest = left;
    for (const [index, object] of objects.entries()) {
      const end = await loadLanes(ref, object, rest ?? planned(await overAll.planLoad(ref, object)), heard);
      if (end === 'fenced') return end;
      rest = end === 'done' ? null : end;
      if (rest === null && !isOver()) continue;
      const objectsLeft = objects.slice(rest === null ? index + 1 : index);
      if (objectsLeft.length === 0) break;
      await handlersAtRest();
      return heard.isAbandoned ? 'fenced' : goOnAnew<typeof load>(ref, objectsLeft, rest);
    }
    return 'done';
  });
}

function planned(lanes: readonly number[]): LanesLeft {
  return { lanes, of: lanes.length };
}

/** How the load ended, or the lanes that are left where the history became long. */
async function loadLanes(ref: WaveRef, object: string, { lanes, of }: LanesLeft, heard: Heard): Promise<'done' | 'fenced' | LanesLeft> {
  const queue = [...lanes];
  const undone: number[] = [];
  const ends = new Set<string>();
  const work = async (): Promise<void> => {
    while (!ends.has('fenced') && !heard.isAbandoned && !isOver()) {
      const number = of - queue.length + 1;
      const lane = queue.shift();
      if (lane === undefined) return;
      const name = `${object} lane ${String(number)} of ${String(of)}`;
      const end = await runLane(name, heard, () => laneRun(`load ${name}`).loadLane(ref, lane));
      if (end === 'left') undone.push(lane);
      ends.add(end);
    }
  };
  await Promise.all(Array.from({ length: windowSize }, work));
  if (ends.has('fenced') || heard.isAbandoned) return 'fenced';
  const rest = [...undone, ...queue];
  return rest.length === 0 ? 'done' : { lanes: rest, of };
}
