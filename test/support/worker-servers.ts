import { startChildServer } from '../../scripts/dev/child-server.ts';

/** Milliseconds until servers must be ready: less than a test may take, on a machine with other work. */
const readyWithinMs = 270_000;

/** The files of a worker share their modules, and so this. */
const started = new Map<string, Promise<Readonly<Record<string, string>>>>();

/**
 * What the servers of this worker of the tests announced, started by its first test that asks, in a process that ends with the worker. Servers that
 * could not start are told of once more to each who asks, at once. The script calls `serve`, and has `environment` beside ours.
 */
export function serversOfWorker(
  script: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const servers = started.get(script) ?? start(script, environment);
  started.set(script, servers);
  return servers;
}

async function start(script: string, environment: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  try {
    const child = await startChildServer(script, environment, readyWithinMs);
    child.unref();
    return child.ready;
  } catch (error) {
    throw new Error(`the servers of the tests did not start: ${String(error)}`, { cause: error });
  }
}
