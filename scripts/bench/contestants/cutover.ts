import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorker, type WorkerProcess } from '../../dev/worker-process.ts';
import { Books } from '../cutover/books.ts';
import { startBusiness, type BenchBusiness } from '../cutover/business.ts';
import { BenchRun } from '../cutover/run.ts';
import { clocked } from '../measure/clocked.ts';
import { rowsWritten } from '../measure/database.ts';
import { watchedLoop } from '../measure/loop.ts';
import { hotSpots, profiled } from '../measure/profile.ts';
import type { Arena, Contestant, Run } from './contestant.ts';

/** Until a connection that does nothing has told PostgreSQL's statistics of its last rows (ms); 10 s in PostgreSQL 15 and later. */
const statisticsMs = 12_000;

/** The product: its own workflow on a Temporal server, a worker in a process of its own, from the plan to the first gate. */
export const cutover: Contestant = {
  name: 'cutover',
  play: async (arena, { name, counts, profile }) => {
    const business = await startBusiness(arena, name);
    const loopFile = join(arena.stack.folder, `loop-${name}`);
    const worker = await startWorker({ ...business.environment, ...loopAndProfile(loopFile, profile) }).catch(async (error: unknown) => {
      await business.stop();
      throw error;
    });
    try {
      const run = await playRun(arena, { business, worker, loopFile, counts });
      await worker.stop();
      return profile === null ? run : { ...run, hotSpots: await hotSpots(profile, worker.pid, run.span) };
    } finally {
      await worker.stop();
      await business.stop();
    }
  },
};

function loopAndProfile(loopFile: string, profile: string | null): Readonly<Record<string, string>> {
  const loop = watchedLoop(loopFile);
  return profile === null ? loop : { ...loop, NODE_OPTIONS: `${loop['NODE_OPTIONS'] ?? ''} ${profiled(profile)}` };
}

interface Parts {
  readonly business: BenchBusiness;
  readonly worker: WorkerProcess;
  readonly loopFile: string;
  readonly counts: boolean;
}

async function playRun(arena: Arena, { business, worker, loopFile, counts }: Parts): Promise<Run> {
  const run = await BenchRun.start(business);
  try {
    const books = new Books(arena, business.ledger, run);
    const staged = await books.until('staged', () => books.at('exported'));
    const written = (): Promise<Readonly<Record<string, number>>> => rowsWritten(arena.stack.postgres, business.ledger);
    const countedRows = async (): Promise<Readonly<Record<string, number>>> => sleep(statisticsMs).then(written);
    const before = counts ? await countedRows() : {};
    const { done, measured } = await clocked(arena, { runner: worker.pid, database: business.ledger, loopFile }, async () => {
      await run.release();
      const planned = await books.until('planned to load', () => books.loadPlanned());
      await books.until('loaded', () => books.loadDone());
      return { planned, received: (await books.lastReceipt()) ?? planned };
    });
    const verified = await books.until('verified', () => books.at('verified')).catch((error: unknown) => String(error));
    // The time between these two pairs is a hold of ours.
    const [began, opened] = [(await books.at('configurationFrozen')) ?? staged, (await books.at('waveOpened')) ?? done.planned];
    const after = counts ? await countedRows() : null;
    return {
      ...measured,
      seconds: (done.received - done.planned) / 1_000,
      rowsWritten: after === null ? null : difference(after, before),
      sourceToVerified: typeof verified === 'string' ? null : (staged - began + verified - opened) / 1_000,
      hotSpots: [],
      notes: typeof verified === 'string' ? [verified] : [],
    };
  } finally {
    await run.end();
  }
}

function difference(after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(after).map(([table, rows]) => [table, rows - (before[table] ?? 0)]));
}
