import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { searchAttributes } from '../../contracts/messages.ts';
import { onFreePorts } from './ports.ts';
import { TemporalServer, type DynamicConfig } from './temporal/server.ts';

/** A Temporal server to work with; `stop` ends it only where we started it. */
export interface LocalTemporal {
  readonly address: string;
  /** The namespace to work in where no other is made. */
  readonly namespace: string;
  /** Address of Temporal UI; null where a server was given to us and we do not know it. */
  readonly ui: string | null;
  stop(): Promise<void>;
  /** Kills the server with SIGKILL and starts it again on the same port and data. */
  crash(): Promise<void>;
}

/** How long ended workflows are kept: the least that a server allows. */
const retention = msToTs('1 day');

/** The namespace that a dev server makes by itself. */
const defaultNamespace = 'default';

/** The type of a search attribute by its number in Temporal's API. */
const keyword = 2;

/** Makes a namespace with the product's search attributes: runs, workers and task queues in it know nothing of those in others. */
export async function createNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '60s' });
  try {
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention });
    const attributes = Object.values(searchAttributes).map((name) => [name, keyword] as const);
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(attributes) });
  } finally {
    await connection.close();
  }
}

/**
 * Starts a Temporal dev server with UI, its data in a file of the folder or, with none, in memory, and these values of its dynamic configuration; or
 * uses the one at `TEMPORAL_ADDRESS`, as it is, in the namespace `TEMPORAL_NAMESPACE`.
 */
export async function startTemporal(folder: string | null, config: DynamicConfig = {}): Promise<LocalTemporal> {
  const given = process.env['TEMPORAL_ADDRESS'];
  if (given !== undefined)
    return {
      address: given,
      namespace: process.env['TEMPORAL_NAMESPACE'] ?? defaultNamespace,
      ui: process.env['CUTOVER_UI_URL'] ?? null,
      stop: () => Promise.resolve(),
      crash: () => Promise.reject(new Error('a server that was given to us is not ours to crash')),
    };
  const server = await onFreePorts(async () => {
    const own = await TemporalServer.on(folder, config);
    await own.start();
    return own;
  });
  return {
    address: server.address,
    namespace: defaultNamespace,
    ui: server.ui,
    stop: () => server.end('SIGTERM'),
    crash: async () => {
      await server.end('SIGKILL');
      await server.start();
    },
  };
}
