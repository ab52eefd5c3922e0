import childProcess from 'node:child_process';
import { join } from 'node:path';
import { startChildServer } from '../../../scripts/dev/child-server.ts';
import { attachPostgres } from '../../../scripts/dev/postgres.ts';
import { projectRoot } from '../../../scripts/dev/project.ts';
import type { Stack } from '../../../scripts/dev/stack.ts';
import type { StackNews } from './stack-server.ts';

const server = join(projectRoot, 'test', 'support', 'arena', 'stack-server.ts');

/**
 * Each test file gets globals and modules of its own; what Node itself carries is one and the same for all files of a Jest worker. Only text is kept
 * there, because objects of a file do not outlive it.
 */
const kept = childProcess as { [announced]?: string };
const announced = Symbol.for('cutover.stack');

let starting: Promise<string> | null = null;

/**
 * The stack of this Jest worker, started by its first test that asks, in a process that ends with the worker. A stack that could not start is told
 * once more to each who asks, at once. Tests that crash or restart a server need a stack of their own (`startStack`).
 */
export async function sharedStack(): Promise<Stack> {
  starting ??= kept[announced] === undefined ? start() : Promise.resolve(kept[announced]);
  kept[announced] = await starting;
  const news = JSON.parse(kept[announced]) as StackNews;
  if ('failed' in news) throw new Error(`the stack of the tests did not start: ${news.failed}`);
  const { folder, postgres, temporal, ui } = news;
  return {
    folder,
    postgres: attachPostgres(Number(postgres)),
    temporal: { address: temporal, ui: ui === '' ? null : ui, stop: notOurs, crash: notOurs },
    stop: () => Promise.resolve(),
  };
}

async function start(): Promise<string> {
  try {
    const child = await startChildServer(server, {});
    child.unref();
    return JSON.stringify(child.ready);
  } catch (error) {
    return JSON.stringify({ failed: String(error) });
  }
}

function notOurs(): Promise<never> {
  return Promise.reject(new Error('other tests use this server too; open a stack of your own'));
}
