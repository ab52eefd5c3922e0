import { beforeAll, expect, test } from 'vitest';
import { erpTable } from '../support/arena/people.ts';
import { undoAll } from './bench.ts';
import { counted, countStatements, type Work } from './counted.ts';
import { startLargeBench } from './large-bench.ts';

/** Four times the records may cost four times the work, and a little more for what comes in pages. */
const growth = 4.4;
const sizes = [100, 400] as const;

const phases = ['load', 'verify', 'compare', 'undo'] as const;
type Phases = Readonly<Record<(typeof phases)[number], Work>>;

const works: Phases[] = [];

beforeAll(async () => {
  countStatements();
  for (const size of sizes) works.push(await workOf(size));
}, 300_000);

test.each(phases)('four times the records take no more than 4.4 times the statements and rows of the ledger to %s', (phase) => {
  const [one, four] = works.map((work) => work[phase]);
  expect(one?.rowsRead).toBeGreaterThan(sizes[0]);
  expect((four?.statements ?? Infinity) / (one?.statements ?? 1)).toBeLessThan(growth);
  expect((four?.rowsRead ?? Infinity) / (one?.rowsRead ?? 1)).toBeLessThan(growth);
});

/** Loads, verifies, compares and takes back a wave with so many customers, each with an order. */
async function workOf(size: number): Promise<Phases> {
  const bench = await startLargeBench(size);
  try {
    const ref = bench.wave('east');
    await bench.act.openWave(ref);
    const load = await counted(bench.business, () => bench.load(ref));
    await bench.act.enterShadow(ref);
    const verify = await counted(bench.business, () => bench.act.verifyWave(ref));
    // A customer with its account in the CRM, and an order: the work is real.
    expect((await erpTable(bench.business, 'sale.sale')).length).toBeGreaterThanOrEqual(size);
    const compare = await counted(bench.business, async () => {
      expect(await bench.act.compareBooks(ref)).toMatchObject({ differing: 0 });
    });
    await bench.act.raiseWave(ref, 'back', 'the bench takes it back');
    const undo = await counted(bench.business, () => undoAll(bench.act, ref));
    return { load, verify, compare, undo };
  } finally {
    await bench.stop();
  }
}
