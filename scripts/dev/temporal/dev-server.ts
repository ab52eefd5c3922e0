import { join } from 'node:path';
import { searchAttributes } from '../../../contracts/messages.ts';
import { freePort } from '../ports.ts';
import { findProgram } from './program.ts';
import { TemporalServer, type DynamicConfig } from './server.ts';

/**
 * A process that sleeps keeps its connections, and the server goes on handing it tasks. It is asked for a sign of life on each connection every so
 * often, and one that gives none is closed, its polls with it; on a real server after a minute and more.
 */
const noticing = { 'frontend.keepAliveTime': '"1s"', 'frontend.keepAliveTimeout': '"2s"' } as const;

/** One partition of each task queue: here are a few workers, and between partitions tasks and polls are handed on. */
const undivided = { 'matching.numTaskqueueReadPartitions': '1', 'matching.numTaskqueueWritePartitions': '1' } as const;

/** What was written is safe once the system has it: the file outlives a killed process, and a crashed machine has no use for it. */
const unhurried = ['journal_mode=wal', 'synchronous=off'] as const;

/** A dev server with its UI, not started yet; its data is in a file of the folder, or lost with its process where there is none. */
export async function devServer(folder: string | null, config: DynamicConfig = {}): Promise<TemporalServer> {
  const [program, port, uiPort] = [await findProgram(), await freePort(), await freePort()];
  const stored =
    folder === null ? [] : ['--db-filename', join(folder, 'temporal.db'), ...unhurried.flatMap((pragma) => ['--sqlite-pragma', pragma])];
  const dynamic = Object.entries({ ...noticing, ...undivided, ...config });
  return new TemporalServer({
    program,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort), '--log-level', 'error'],
      ...stored,
      ...Object.values(searchAttributes).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ...dynamic.flatMap(([name, value]) => ['--dynamic-config-value', `${name}=${value}`]),
    ],
    address: `127.0.0.1:${String(port)}`,
    ui: `http://127.0.0.1:${String(uiPort)}`,
    ownNamespace: 'default',
  });
}
