import { startTemporalOnPostgres } from '../../dev/temporal.ts';
import { builtServer } from '../../dev/temporal/built.ts';
import { asAccounts } from '../kinds.ts';
import type { Contestant, Run } from './contestant.ts';
import { load } from './cutover.ts';
import { product, type Play } from './product.ts';

const twoWorkers = { count: 2, environment: {} } as const;

/** The product's load by two workers on the dev server, whose store is a file. */
export const onDevServer = product('dev-server', asAccounts, loadAndLook, twoWorkers);

const onProductionServer = product('on-postgres', asAccounts, loadAndLook, twoWorkers);

/** The same on the server that runs in production, with its store in the PostgreSQL of the ledger. */
export const onPostgres: Contestant = {
  ...onProductionServer,
  absent: () =>
    builtServer().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
  play: async (arena, round) => {
    const { postgres, folder } = arena.stack;
    const temporal = await startTemporalOnPostgres(postgres, folder, round.name);
    try {
      return await onProductionServer.play({ ...arena, stack: { ...arena.stack, temporal } }, round);
    } finally {
      await temporal.stop();
    }
  },
};

async function loadAndLook(play: Play): Promise<Run> {
  const run = await load(play);
  return { ...run, more: { ...run.more, longestHistory: await play.run.longestHistory() } };
}
