import { asAccounts } from '../kinds.ts';
import type { Run } from './contestant.ts';
import { product, rowsBetween, type Play } from './product.ts';

/** The product's load, from the plan to the first gate. */
export const cutover = product('cutover', asAccounts, load);

/** Follows a load to the first gate. */
export async function load({ arena, run, books, rows, clocked }: Play): Promise<Run> {
  await run.hold();
  const staged = await books.until('staged', () => books.at('exported'));
  const before = await rows();
  const { done, measured } = await clocked(async () => {
    await run.release();
    const planned = await books.until('planned to load', () => books.loadPlanned());
    await books.until('loaded', () => books.loadDone());
    return { planned, received: (await books.lastReceipt()) ?? planned };
  });
  const { taken, refused, atOnce } = await arena.target.counted(done.planned, done.received);
  const verified = await books.until('verified', () => books.at('verified')).catch((error: unknown) => String(error));
  // The time between these two pairs is a hold of ours.
  const [began, opened] = [(await books.at('configurationFrozen')) ?? staged, (await books.at('waveOpened')) ?? done.planned];
  const loaded = (await books.at('loaded')) ?? opened;
  const arrived = typeof verified === 'string' ? null : verified;
  return {
    ...measured,
    seconds: (done.received - done.planned) / 1_000,
    rowsWritten: rowsBetween(before, await rows()),
    verifySeconds: arrived === null ? null : (arrived - loaded) / 1_000,
    sourceToVerified: arrived === null ? null : (staged - began + arrived - opened) / 1_000,
    loadSeconds: null,
    hotSpots: [],
    more: { callsTaken: taken, callsRefused: refused, callsAtOnce: atOnce },
    notes: typeof verified === 'string' ? [verified] : [],
  };
}
