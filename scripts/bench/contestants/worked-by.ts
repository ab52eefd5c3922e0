import { asAccounts } from '../kinds.ts';
import { peakMb } from '../measure/processes.ts';
import type { Contestant, Run } from './contestant.ts';
import { load } from './cutover.ts';
import { product, type Play } from './product.ts';

/** Each worker has one lane at a time and two calls of it, so that the target's answers take the time and not the machine. */
const environment = { CUTOVER_WORKER_ACTIVITIES: '1', CUTOVER_CRM_CALLS_IN_FLIGHT: '2' };

/** The product's load by so many workers on one task queue, with the peak memory of each. */
export function workedBy(count: number, name: string): Contestant {
  return product(name, asAccounts, loadAndWeigh, { count, environment });
}

async function loadAndWeigh(play: Play): Promise<Run> {
  const run = await load(play);
  const peaks = await Promise.all(play.workers().map(peakMb));
  return { ...run, more: { ...run.more, ...Object.fromEntries(peaks.map((mb, index) => [`rssMb${String(index + 1)}`, mb])) } };
}
