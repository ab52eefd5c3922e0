import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { searchAttributes } from '../../contracts/messages.ts';
import { onFreePorts } from './ports.ts';
import { devServer } from './temporal/dev-server.ts';
import { dropStore, serverOnPostgres, type ServerDatabases } from './temporal/on-postgres.ts';
import type { DynamicConfig, TemporalServer } from './temporal/server.ts';
import type { LocalPostgres } from './postgres.ts';

/** A Temporal server to work with; `stop` ends it only where we started it. */
export interface LocalTemporal {
  readonly address: string;
  /** The namespace to work in where no other is made. */
  readonly namespace: string;
  /** Address of Temporal UI; null where a server was given to us and we do not know it. */
  readonly ui: string | null;
  /** Its process; null where a server was given to us. */
  readonly pid: number | null;
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
      pid: null,
      stop: () => Promise.resolve(),
      crash: () => Promise.reject(new Error('a server that was given to us is not ours to crash')),
    };
  const server = await onFreePorts(async () => {
    const own = await devServer(folder, config);
    await own.start();
    return own;
  });
  return ours(server);
}

/**
 * Starts a Temporal server as it runs in production, its store in two databases of this PostgreSQL that go with it; `name` tells them from those of
 * others. It makes no namespace by itself. Built where it is not there yet, which takes minutes, once.
 */
export async function startTemporalOnPostgres(postgres: LocalPostgres, folder: string, name: string): Promise<LocalTemporal> {
  const databases: ServerDatabases = { temporal: `temporal_${name}`, visibility: `temporal_visibility_${name}` };
  const drop = (): Promise<void> => dropStore(postgres, databases);
  try {
    const server = await onFreePorts(async () => {
      await drop();
      const own = await serverOnPostgres(postgres, folder, databases);
      await own.start();
      return own;
    });
    const own = ours(server);
    return {
      ...own,
      stop: async () => {
        await own.stop();
        await drop();
      },
    };
  } catch (error) {
    await drop();
    throw error;
  }
}

function ours(server: TemporalServer): LocalTemporal {
  return {
    address: server.address,
    namespace: defaultNamespace,
    ui: server.ui,
    get pid() {
      return server.pid;
    },
    stop: () => server.end('SIGTERM'),
    crash: async () => {
      await server.end('SIGKILL');
      await server.start();
    },
  };
}
