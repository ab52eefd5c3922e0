import { attachPostgres } from '../../../scripts/dev/postgres.ts';
import type { Stack } from '../../../scripts/dev/stack.ts';
import { throwAwayFolder } from '../in-memory.ts';
import { serversOfWorker } from '../worker-servers.ts';

const server = 'test/support/arena/stack-server.ts';

/** A Temporal server that somebody runs for the tests; processes of ours are told of it by name alone. */
const given = process.env['TEMPORAL_ADDRESS'];

/** The stack of this worker of the tests. Tests that crash or restart a server need a stack of their own (`startStack`). */
export async function sharedStack(): Promise<Stack> {
  const { folder, postgres, temporal, ui } = await serversOfWorker(server, {
    ...throwAwayFolder(),
    ...(given === undefined ? {} : { TEMPORAL_ADDRESS: given }),
  });
  return {
    folder: folder ?? '',
    postgres: attachPostgres(Number(postgres)),
    temporal: {
      address: temporal ?? '',
      namespace: 'default',
      ui: ui === '' || ui === undefined ? null : ui,
      pid: null,
      stop: notOurs,
      crash: notOurs,
    },
    stop: () => Promise.resolve(),
  };
}

function notOurs(): Promise<never> {
  return Promise.reject(new Error('other tests use this server too; open a stack of your own'));
}
