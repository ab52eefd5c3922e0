import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cutoverCli } from '../../dev/run-driver.ts';
import { startWorker, type WorkerProcess } from '../../dev/worker-process.ts';
import { Books } from '../cutover/books.ts';
import { startBusiness, type BenchBusiness } from '../cutover/business.ts';
import { BenchRun } from '../cutover/run.ts';
import type { Kind } from '../kinds.ts';
import { clocked } from '../measure/clocked.ts';
import { rowsWritten } from '../measure/database.ts';
import { watchedLoop } from '../measure/loop.ts';
import { hotSpots, profiled } from '../measure/profile.ts';
import type { Arena, Contestant, Run } from './contestant.ts';

/** Until a connection that does nothing has told PostgreSQL's statistics of its last rows (ms); 10 s in PostgreSQL 15 and later. */
const statisticsMs = 12_000;

/** A run of the product that has been started, and what is needed to follow and measure it. */
export interface Play {
  readonly arena: Arena;
  readonly run: BenchRun;
  readonly books: Books;
  /** Where faults are ordered. */
  readonly faults: string;
  /** The processes of its workers. */
  readonly workers: () => readonly number[];
  /** Sends the first worker SIGKILL, and starts another one when it is gone. */
  readonly killWorker: () => Promise<void>;
  /** Asks the command line of the product. */
  readonly cli: (...args: readonly string[]) => ReturnType<typeof cutoverCli>;
  /** Measures all parties while `work` runs. */
  readonly clocked: <T>(work: () => Promise<T>) => ReturnType<typeof clocked<T>>;
  /** Rows written into the ledger so far, by table; null where this round does not count them. */
  readonly rows: () => Promise<Readonly<Record<string, number>> | null>;
}

/** Workers of the product: how many, and what else is in their environment. */
export interface Workers {
  readonly count: number;
  readonly environment: Readonly<Record<string, string>>;
}

const oneWorker: Workers = { count: 1, environment: {} };

/** The product: its own workflow on a Temporal server, each worker in a process of its own. `play` follows one run and says what came of it. */
export function product(
  name: string,
  kind: Kind,
  play: (play: Play) => Promise<Run>,
  { count, environment }: Workers = oneWorker,
): Contestant {
  return {
    name,
    play: async (arena, { name: round, counts, profile }) => {
      const business = await startBusiness(arena, round, kind);
      const loopFile = join(arena.stack.folder, `loop-${round}`);
      const start = (): Promise<WorkerProcess> =>
        startWorker({ ...business.environment, ...environment, ...loopAndProfile(loopFile, profile) });
      const parts: Parts = { arena, business, workers: [], start, loopFile, counts };
      const stopAll = (): Promise<unknown> => Promise.all(parts.workers.map((worker) => worker.stop()));
      try {
        try {
          while (parts.workers.length < count) parts.workers.push(await start());
          const run = await playRun(parts, play);
          await stopAll();
          return profile === null ? run : { ...run, hotSpots: await hotSpots(profile, parts.workers[0]?.pid ?? 0, run.span) };
        } finally {
          await stopAll();
        }
      } finally {
        await business.stop();
      }
    },
  };
}

function loopAndProfile(loopFile: string, profile: string | null): Readonly<Record<string, string>> {
  const loop = watchedLoop(loopFile);
  return profile === null ? loop : { ...loop, NODE_OPTIONS: `${loop['NODE_OPTIONS'] ?? ''} ${profiled(profile)}` };
}

interface Parts {
  readonly arena: Arena;
  readonly business: BenchBusiness;
  /** The workers that are there now. */
  readonly workers: WorkerProcess[];
  readonly start: () => Promise<WorkerProcess>;
  readonly loopFile: string;
  readonly counts: boolean;
}

async function playRun(parts: Parts, play: (play: Play) => Promise<Run>): Promise<Run> {
  const { arena, business, loopFile, counts } = parts;
  const run = await BenchRun.start(business);
  const database = business.ledger;
  const workers = (): readonly number[] => parts.workers.map(({ pid }) => pid);
  try {
    return await play({
      arena,
      run,
      books: new Books(arena, database, run),
      killWorker: async () => {
        const [worker] = parts.workers;
        worker?.signal('SIGKILL');
        await worker?.ended;
        parts.workers[0] = await parts.start();
      },
      cli: (...args) => cutoverCli(business.environment, args),
      faults: business.faults,
      workers,
      clocked: (work) => clocked(arena, { runner: workers(), database, loopFile }, work),
      rows: async () => {
        if (!counts) return null;
        await sleep(statisticsMs);
        return rowsWritten(arena.stack.postgres, database);
      },
    });
  } finally {
    await run.end();
  }
}

/** Rows written between two counts. */
export function rowsBetween(before: Run['rowsWritten'], after: Run['rowsWritten']): Run['rowsWritten'] {
  if (before === null || after === null) return null;
  return Object.fromEntries(Object.entries(after).map(([table, rows]) => [table, rows - (before[table] ?? 0)]));
}
