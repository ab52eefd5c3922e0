import type { FaultRule, RuleHits } from '../../../sandbox/fault-proxy/rules.ts';
import { addFault, clearFaults } from '../../dev/faults.ts';
import { asAccounts } from '../kinds.ts';
import { exceptionsWrong, type Expected } from '../realistic.ts';
import { recordsOf } from '../sizes.ts';
import { meanAnswerMs, type Trouble } from '../trouble.ts';
import type { Run } from './contestant.ts';
import { load } from './cutover.ts';
import { product, type Play } from './product.ts';

/** The product's load of accounts and their people into a target that is slow, refuses some records, and fails now and then. */
export const troubled = product('troubled', asAccounts, loadThrough);

async function loadThrough(play: Play): Promise<Run> {
  const { faults, books, arena } = play;
  const { trouble, batch, concurrency } = arena.sizes;
  if (trouble === null) throw new Error('this load needs trouble');
  for (const rule of rulesOf(trouble)) await addFault(faults, rule);
  const run = await load(play);
  const hits = await hitsOf(faults);
  await clearFaults(faults);
  const ceiling = (concurrency * batch) / (meanAnswerMs(trouble) / 1_000);
  const exceptions = (await books.exceptions()) as readonly Expected[];
  return {
    ...run,
    wrong: exceptionsWrong(exceptions, trouble, arena.sizes.records),
    more: { ...run.more, ...hits, exceptions: exceptions.length, ratioToCeiling: recordsOf(arena.sizes) / run.seconds / ceiling },
  };
}

/** The faults between the product and the target, drawn over its calls. */
function rulesOf({ perThousand, seed }: Trouble): readonly FaultRule[] {
  const asked = (['throttle', 'serverError', 'loseResponse', 'reset'] as const).filter((action) => perThousand[action] > 0);
  return asked.map((action, index) => ({
    match: { pathPrefix: '/services/data' },
    action,
    share: perThousand[action] / 1_000,
    seed: seed * 10 + index,
  }));
}

/** How often each fault was met. */
async function hitsOf(faults: string): Promise<Readonly<Record<string, number>>> {
  const hits = (await (await fetch(`${faults}/_proxy/hits`)).json()) as readonly RuleHits[];
  return Object.fromEntries(hits.map(({ rule, hits: count }) => [rule.action, count]));
}
