import { asAccounts } from '../kinds.ts';
import type { Run } from './contestant.ts';
import { load } from './cutover.ts';
import { product, type Play } from './product.ts';

/** The product's load into a target that takes no more calls than its quota, which the plan declares. */
export const limited = product('limited', asAccounts, loadWithin);

async function loadWithin(play: Play): Promise<Run> {
  const run = await load(play);
  const { quota } = play.arena.sizes;
  const { callsTaken = 0, callsRefused = 0 } = run.more;
  if (quota === null) throw new Error('this load needs a quota');
  const permitted = (quota.calls / quota.perMs) * run.seconds * 1_000;
  return {
    ...run,
    more: { ...run.more, share: callsTaken / permitted, refusedPerThousand: (1_000 * callsRefused) / (callsTaken + callsRefused) },
  };
}
