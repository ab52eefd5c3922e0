import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBench, storePlan, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

/** The parts of a plan that say what is archived. */
interface Archiving {
  readonly systems: { readonly legacy: { readonly queries: Record<string, { sql: string }> } };
  readonly archive: { object: string; query: string }[];
}
type Change = (plan: Archiving, shipped: { sql: string }) => void;

/** What preflight says of the plan with this change. */
async function problemsWith(change: Change): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const changed = (plan: unknown): void => {
    const archiving = plan as Archiving;
    const { shippedOrders } = archiving.systems.legacy.queries;
    if (shippedOrders) change(archiving, shippedOrders);
  };
  const { planHash } = await storePlan(bench.ledger, folder, { plan: changed }, 1);
  await rm(folder, { recursive: true, force: true });
  return bench.act.preflight({ ...bench.ref, planHash });
}

test('an archive query that yields a key twice is refused before anything is read for good, with the query, the key and what to do', async () => {
  const problems = await problemsWith((_, shipped) => {
    shipped.sql = `select * from (${shipped.sql}) a union all select * from (${shipped.sql}) b where key = '10258'`;
  });
  expect(problems).toEqual([
    'the archive of order has more than one record of key 10258, by query shippedOrders; let the SQL yield one row for each key, and each key in one query of order alone',
  ]);
});

test('two archive queries of one object that share keys are refused, the first keys by name and the others counted', async () => {
  const problems = await problemsWith(({ systems, archive }, shipped) => {
    systems.legacy.queries['again'] = shipped;
    archive.push({ object: 'order', query: 'again' });
  });
  expect(problems).toEqual([
    expect.stringMatching(
      /^the archive of order has more than one record of key (\d{5}, ){19}\d{5} and \d+ more, by queries again, shippedOrders; /,
    ),
  ]);
});
