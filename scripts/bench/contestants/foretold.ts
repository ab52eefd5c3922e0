import { asAccounts } from '../kinds.ts';
import type { Run } from './contestant.ts';
import { product, type Play } from './product.ts';

/** The product's load, asked at half of it how long the rest will take. */
export const foretold = product('foretold', asAccounts, foretell);

async function foretell({ arena, run, books, clocked }: Play): Promise<Run> {
  await run.hold();
  await books.until('staged', () => books.at('exported'));
  const { done, measured } = await clocked(async () => {
    await run.release();
    const planned = await books.until('planned to load', () => books.loadPlanned());
    await books.until('half loaded', () => books.received(Math.ceil(arena.sizes.records / 2)));
    const [foretoldMs, askedAt] = [await books.leftMs(), Date.now()];
    await books.until('loaded', () => books.loadDone());
    return { planned, foretoldMs, askedAt, received: (await books.lastReceipt()) ?? askedAt };
  });
  const restMs = done.received - done.askedAt;
  return {
    ...measured,
    seconds: (done.received - done.planned) / 1_000,
    ...{ loadSeconds: null, rowsWritten: null, verifySeconds: null, sourceToVerified: null, hotSpots: [] },
    more: {
      foretoldSeconds: (done.foretoldMs ?? 0) / 1_000,
      restSeconds: restMs / 1_000,
      offBy: done.foretoldMs === null ? 1 : Math.abs(done.foretoldMs - restMs) / restMs,
    },
    notes: done.foretoldMs === null ? ['nothing was foretold'] : [],
  };
}
