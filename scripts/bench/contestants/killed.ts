import { asAccounts } from '../kinds.ts';
import type { Run } from './contestant.ts';
import { product, type Play } from './product.ts';

/** The product's load, its only worker killed on the way; another one is started when it is gone. */
export const killed = product('killed', asAccounts, killAndGoOn);

/** How much is loaded when the worker is killed. */
const shareBefore = 0.4;

async function killAndGoOn({ arena, run, books, killWorker, clocked }: Play): Promise<Run> {
  const { records } = arena.sizes;
  await run.hold();
  await books.until('staged', () => books.at('exported'));
  await run.release();
  const planned = await books.until('planned to load', () => books.loadPlanned());
  await books.until('loaded in part', () => books.received(Math.ceil(records * shareBefore)));
  const killedAt = Date.now();
  await killWorker();
  const before = await books.receipts(killedAt);
  const { done, measured } = await clocked(() => books.until('loaded', () => books.loadDone()));
  const [seconds, loadSeconds] = [(done - killedAt) / 1_000, (killedAt - planned) / 1_000];
  // What the rest takes at the pace of before.
  const rest = loadSeconds * ((records - before) / before);
  return {
    ...measured,
    ...{ seconds, loadSeconds: null, rowsWritten: null, verifySeconds: null, sourceToVerified: null, hotSpots: [] },
    more: { beyondSeconds: seconds - rest, restSeconds: rest, loadedBefore: before / records },
    notes: [],
  };
}
