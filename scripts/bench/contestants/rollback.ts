import { accountsIn, asLeads } from '../kinds.ts';
import { judge } from '../oracle.ts';
import type { Run } from './contestant.ts';
import { product, rowsBetween, type Play } from './product.ts';

/** The product's rollback of a whole load: every record read, compared, deleted, and searched for once more. */
export const rollback = product('rollback', asLeads, takeBack);

async function takeBack({ arena, run, books, rows, clocked }: Play): Promise<Run> {
  const loaded = await books.until('verified', () => books.at('verified'));
  const planned = (await books.loadPlanned()) ?? loaded;
  const received = (await books.lastReceipt()) ?? loaded;
  const wrong = await judge(accountsIn(asLeads, arena.target.records('Lead')), arena.sizes.records);
  if (wrong !== null) throw new Error(`there is nothing to take back, because the load was wrong: ${wrong}`);
  const before = await rows();
  const { done, measured } = await clocked(async () => {
    await run.takeBack();
    const over = await books.until('taken back', () => books.at('rolledBack'));
    return { began: (await books.at('rollbackBegan')) ?? over, over };
  });
  return {
    ...measured,
    seconds: (done.over - done.began) / 1_000,
    loadSeconds: (received - planned) / 1_000,
    rowsWritten: rowsBetween(before, await rows()),
    verifySeconds: null,
    sourceToVerified: null,
    hotSpots: [],
    more: {},
    notes: [],
  };
}
