import pg from 'pg';
import { TargetClient } from './target-client.ts';

/** What a process that loads by hand has at hand. */
export interface Tools {
  readonly records: number;
  readonly batch: number;
  readonly concurrency: number;
  readonly databaseUrl: string;
  readonly database: pg.Pool;
  readonly target: TargetClient;
}

/** A loader that is ready: `load` is what is timed. */
export interface Loader {
  load(): Promise<void>;
  stop?(): Promise<void>;
}

function setting(name: string): string {
  return process.env[`BENCH_${name}`] ?? '';
}

/** The body of such a process: prepares, says `ready`, waits for `go`, loads, tells when it began and ended, and stops when its parent lets go. */
export async function whenTold(prepare: (tools: Tools) => Promise<Loader>): Promise<void> {
  const [concurrency, databaseUrl] = [Number(setting('CONCURRENCY')), setting('DATABASE_URL')];
  const database = new pg.Pool({ connectionString: databaseUrl, max: concurrency });
  const target = new TargetClient(setting('TARGET_URL'), concurrency);
  const [records, batch] = [Number(setting('RECORDS')), Number(setting('BATCH'))];
  await target.enter();
  const loader = await prepare({ records, batch, concurrency, databaseUrl, database, target });
  const go = new Promise((resolve) => process.once('message', resolve));
  const released = new Promise((resolve) => process.once('disconnect', resolve));
  process.send?.('ready');
  await go;
  const from = Date.now();
  await loader.load();
  process.send?.({ from, to: Date.now() });
  await released;
  await loader.stop?.();
  target.close();
  await database.end();
}

/** The number of the first record of each batch. */
export function batches({ records, batch }: Tools): readonly number[] {
  return Array.from({ length: Math.ceil(records / batch) }, (_, index) => index * batch);
}
