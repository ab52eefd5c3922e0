import childProcess from 'node:child_process';
import { startChildServer } from '../../scripts/dev/child-server.ts';

/**
 * Each test file gets globals and modules of its own; what Node itself carries is one and the same for all files of a Jest worker. Only text is kept
 * there, because objects of a file do not outlive it.
 */
const kept = childProcess as { [key: symbol]: string | undefined };

/** Milliseconds until servers must be ready: less than a test may take, on a machine with other work. */
const readyWithinMs = 270_000;

const starting = new Map<string, Promise<string>>();

/**
 * What the servers of this Jest worker announced, started by its first test that asks, in a process that ends with the worker. Servers that could
 * not start are told of once more to each who asks, at once. The script calls `serve`, and has `environment` beside ours.
 */
export async function serversOfWorker(
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const key = Symbol.for(`cutover ${script}`);
  const first = starting.get(script) ?? (kept[key] === undefined ? start(script, environment) : Promise.resolve(kept[key]));
  starting.set(script, first);
  kept[key] = await first;
  const news = JSON.parse(kept[key]) as Readonly<Record<string, string>>;
  if (news['failed'] !== undefined) throw new Error(`the servers of the tests did not start: ${news['failed']}`);
  return news;
}

async function start(script: string, environment: Readonly<Record<string, string>>): Promise<string> {
  try {
    const child = await startChildServer(script, environment, readyWithinMs);
    child.unref();
    return JSON.stringify(child.ready);
  } catch (error) {
    return JSON.stringify({ failed: String(error) });
  }
}
