import pg from 'pg';
import { TargetClient } from './target-client.ts';

export interface StagedRow {
  readonly key: string;
  readonly payload: string;
}

/** What a script does with one batch. */
export type Batch = (rows: readonly StagedRow[], tools: { readonly database: pg.Pool; readonly target: TargetClient }) => Promise<void>;

/** Reads the rows with these numbers, the upper one excluded. */
const readBatch = { name: 'read', text: 'select key, payload from staged where n >= $1 and n < $2 order by n' } as const;

/** The loop of both scripts: so many batches in flight until none is left. Waits for `go`; tells when it began and ended. */
export async function load(work: Batch): Promise<void> {
  const setting = (name: string): string => process.env[`BENCH_${name}`] ?? '';
  const [records, size, concurrency] = ['RECORDS', 'BATCH', 'CONCURRENCY'].map((name) => Number(setting(name))) as [number, number, number];
  const database = new pg.Pool({ connectionString: setting('DATABASE_URL'), max: concurrency });
  const target = new TargetClient(setting('TARGET_URL'), concurrency);
  await target.enter();
  const go = new Promise((resolve) => process.once('message', resolve));
  process.send?.('ready');
  await go;
  const from = Date.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < records) {
      const first = next;
      next += size;
      const { rows } = await database.query<StagedRow>({ ...readBatch, values: [first, first + size] });
      await work(rows, { database, target });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  process.send?.({ from, to: Date.now() });
  process.once('disconnect', () => {
    target.close();
    void database.end();
  });
}
