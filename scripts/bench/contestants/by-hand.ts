import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment } from '../../dev/child-environment.ts';
import { projectRoot } from '../../dev/project.ts';
import { askDatabase } from '../../dev/sql.ts';
import { clocked } from '../measure/clocked.ts';
import { rowsWritten } from '../measure/database.ts';
import { watchedLoop } from '../measure/loop.ts';
import { createStaged } from '../by-hand/staged.ts';
import type { Arena, Contestant, Round, Run } from './contestant.ts';

/** A script that somebody writes in an afternoon: a process of its own, `scripts/bench/by-hand/<name>.ts`, on staged rows of its own. */
export function scriptByHand(name: 'script-bare' | 'script-full'): Contestant {
  return { name, play: (arena, round) => play(arena, join(projectRoot, 'scripts/bench/by-hand', `${name}.ts`), round) };
}

/** Plays a process that says `ready`, waits for `go`, and then tells when it began and ended. */
export async function play(
  arena: Arena,
  script: string,
  { name, counts }: Round,
  more: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const { postgres, folder } = arena.stack;
  const database = `by_hand_${name}`;
  const url = await createStaged(postgres, database, arena.sizes.records);
  const loopFile = join(folder, `loop-${name}`);
  const { records, batch, concurrency } = arena.sizes;
  const child = fork(script, {
    env: childEnvironment({
      ...watchedLoop(loopFile),
      BENCH_DATABASE_URL: url,
      BENCH_TARGET_URL: arena.target.url,
      BENCH_RECORDS: String(records),
      BENCH_BATCH: String(batch),
      BENCH_CONCURRENCY: String(concurrency),
      ...more,
    }),
    execArgv: ['--no-deprecation'],
  });
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  const gone = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  try {
    await said<'ready'>(child);
    const { done, measured } = await clocked(arena, { runner: [child.pid ?? 0], database, loopFile }, () => {
      child.send('go');
      return said<{ readonly from: number; readonly to: number }>(child);
    });
    child.disconnect();
    await gone;
    return {
      ...measured,
      seconds: (done.to - done.from) / 1_000,
      rowsWritten: counts ? await rowsWritten(postgres, database) : null,
      loadSeconds: null,
      verifySeconds: null,
      sourceToVerified: null,
      hotSpots: [],
      more: {},
      notes: [],
    };
  } finally {
    child.kill('SIGKILL');
    await gone;
    process.off('exit', endWithUs);
    await askDatabase(postgres.url('postgres'), [`drop database if exists "${database}" with (force)`]);
  }
}

/** The next message of a process. */
function said<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => {
      reject(new Error(`${child.spawnargs.at(-1) ?? 'the script'} ended with code ${String(code)} before it had loaded everything`));
    };
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}
