import { askDatabase } from '../../dev/sql.ts';
import type { Arena, Run } from '../contestants/contestant.ts';
import { DatabaseMeter } from './database.ts';
import { longestBlock } from './loop.ts';
import { monotonicNow } from './profile.ts';
import { cpuSeconds, peakMb } from './processes.ts';

interface Parties {
  /** Its processes. */
  readonly runner: readonly number[];
  readonly database: string;
  /** Where the runner notes how long its event loop was blocked. */
  readonly loopFile: string;
}

type Measured = Pick<Run, 'span' | 'cpu' | 'database' | 'rssMb' | 'blockMs'>;

/** Measures all parties while `work` runs, and returns what it returned beside that. */
export async function clocked<T>(
  arena: Arena,
  parties: Parties,
  work: () => Promise<T>,
): Promise<{ readonly done: T; readonly measured: Measured }> {
  const postgres = await serverOf(arena);
  const temporal = arena.stack.temporal.pid;
  const meter = new DatabaseMeter(arena.stack.postgres, parties.database);
  const look = async (): Promise<Run['cpu']> => ({
    runner: (await Promise.all(parties.runner.map(cpuSeconds))).reduce((sum, seconds) => sum + seconds, 0),
    postgres: await cpuSeconds(postgres),
    temporal: temporal === null ? null : await cpuSeconds(temporal),
    target: await cpuSeconds(arena.target.pid),
  });
  await meter.begin();
  const [before, from, begun] = [await look(), Date.now(), monotonicNow()];
  const done = await work();
  const [ended, to] = [monotonicNow(), Date.now()];
  const after = await look();
  const database = await meter.end();
  const cpu = {
    runner: after.runner - before.runner,
    postgres: after.postgres - before.postgres,
    temporal: after.temporal === null || before.temporal === null ? null : after.temporal - before.temporal,
    target: after.target - before.target,
  };
  const blockMs = await longestBlock(parties.loopFile, from, to);
  const rssMb = Math.max(...(await Promise.all(parties.runner.map(peakMb))));
  return { done, measured: { span: { from: begun, to: ended }, cpu, database, rssMb, blockMs } };
}

async function serverOf({ stack }: Arena): Promise<number> {
  const [rows] = await askDatabase(stack.postgres.url('postgres'), [
    "select substring(pg_read_file('postmaster.pid') from '^[0-9]+')::int as pid",
  ]);
  return Number(rows?.[0]?.['pid']);
}
