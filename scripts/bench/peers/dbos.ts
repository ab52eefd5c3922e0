import { keep, post } from '../by-hand/full-batch.ts';
import { inLanes } from '../by-hand/lanes.ts';
import { whenTold } from '../by-hand/tools.ts';
import { peer } from './packages.ts';

/** What is used of `@dbos-inc/dbos-sdk`. */
interface Dbos {
  readonly DBOS: {
    setConfig(config: {
      readonly name: string;
      readonly systemDatabaseUrl: string;
      readonly systemDatabasePoolSize: number;
      readonly logLevel: string;
    }): void;
    registerWorkflow(work: (first: number) => Promise<void>, config: { readonly name: string }): (first: number) => Promise<void>;
    runStep<T>(step: () => Promise<T>, config: { readonly name: string }): Promise<T>;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
  };
}

/** A durable workflow for each batch, with two steps: post, and keep. Its own books are in the same database. */
await whenTold(async (tools) => {
  const { DBOS } = await peer<Dbos>('@dbos-inc/dbos-sdk');
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: tools.databaseUrl, systemDatabasePoolSize: tools.concurrency, logLevel: 'error' });
  const loadBatch = DBOS.registerWorkflow(
    async (first) => {
      const posted = await DBOS.runStep(() => post(tools, first), { name: 'post' });
      await DBOS.runStep(() => keep(tools, posted), { name: 'keep' });
    },
    { name: 'loadBatch' },
  );
  await DBOS.launch();
  return { load: () => inLanes(tools, loadBatch), stop: () => DBOS.shutdown() };
});
