import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeFile } from 'node:fs/promises';
import { freeLowPort, freePort } from '../ports.ts';
import type { LocalPostgres } from '../postgres.ts';
import { projectRoot } from '../project.ts';
import { run } from '../run-program.ts';
import { askDatabase } from '../sql.ts';
import { builtServer, type ServerPrograms } from './built.ts';
import { TemporalServer } from './server.ts';

/** Names of the databases of a server: what it works with, and what it finds workflows by. */
export interface ServerDatabases {
  readonly temporal: string;
  readonly visibility: string;
}

const plugin = 'postgres12';

/** As in docker-compose.yml; fixed when the databases are made. */
const historyShards = 4;

/**
 * A Temporal server as it runs in production, not started yet: its own program, two databases of this PostgreSQL as its store, and the dynamic
 * configuration of docker-compose.yml. Its configuration is a file of the folder.
 */
export async function serverOnPostgres(postgres: LocalPostgres, folder: string, databases: ServerDatabases): Promise<TemporalServer> {
  const programs = await builtServer();
  await createStore(programs, postgres, 'temporal', databases.temporal);
  await createStore(programs, postgres, 'visibility', databases.visibility);
  const port = await freePort();
  const file = join(folder, `${databases.temporal}.yaml`);
  await writeFile(file, stringify(await configuration(postgres, port, databases)));
  return new TemporalServer({
    program: programs.server,
    args: ['--config-file', file, '--allow-no-auth', 'start'],
    address: `127.0.0.1:${String(port)}`,
    ui: null,
    ownNamespace: 'temporal-system',
  });
}

/** Takes the databases of a server away again. */
export async function dropStore(postgres: LocalPostgres, databases: ServerDatabases): Promise<void> {
  const drops = [databases.temporal, databases.visibility].map((database) => `drop database if exists "${database}" with (force)`);
  await askDatabase(postgres.url('postgres'), drops);
}

async function createStore(
  { sqlTool, schemas }: ServerPrograms,
  postgres: LocalPostgres,
  kind: keyof ServerDatabases,
  database: string,
): Promise<void> {
  await postgres.createDatabase(database);
  const { hostname, port, username, password } = new URL(postgres.url(database));
  const environment = { SQL_PLUGIN: plugin, SQL_HOST: hostname, SQL_PORT: port, SQL_USER: username, SQL_PASSWORD: password };
  const tool = (...args: readonly string[]): Promise<string> => run(sqlTool, ['--db', database, ...args], environment);
  await tool('setup-schema', '-v', '0.0');
  await tool('update-schema', '-d', join(schemas, kind, 'versioned'));
}

async function configuration(postgres: LocalPostgres, port: number, databases: ServerDatabases): Promise<unknown> {
  const { host, username, password } = new URL(postgres.url('postgres'));
  const store = (databaseName: string, maxConns: number): unknown => ({
    sql: {
      ...{ pluginName: plugin, databaseName, connectAddr: host, connectProtocol: 'tcp', user: username, password },
      ...{ maxConns, maxIdleConns: maxConns, maxConnLifetime: '1h' },
    },
  });
  const service = async (grpcPort: number): Promise<unknown> => ({
    rpc: { grpcPort, membershipPort: await freeLowPort(), bindOnLocalHost: true },
  });
  return {
    log: { stdout: false, level: 'error' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: historyShards },
      datastores: { default: store(databases.temporal, 20), visibility: store(databases.visibility, 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: await service(port),
      matching: await service(await freePort()),
      history: await service(await freePort()),
      worker: await service(await freePort()),
    },
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10, masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `127.0.0.1:${String(port)}` },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: join(projectRoot, 'docker', 'temporal', 'dynamic-config.yaml'), pollInterval: '60s' },
  };
}
