import { beforeAll, expect, test } from 'vitest';
import { gateNames } from '../../contracts/messages.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { startBench, type Bench } from './bench.ts';
import { counted, countStatements, type Work } from './counted.ts';
import { books } from './outside.ts';

/** Other waves of the run, which have switched: so many, of 20 accounts each, with a customer and three orders for each account. */
const sizes = [25, 100] as const;

const phases = ['load', 'compare', 'freeze', 'delta', 'verify', 'gate', 'seal', 'switch'] as const;
type Phases = Readonly<Record<'open' | (typeof phases)[number], Work>>;

const works: Phases[] = [];

beforeAll(async () => {
  countStatements();
  for (const size of sizes) works.push(await workOf(size));
}, 300_000);

/** What more waves come to in a phase: statements, and rows read for each of them. */
function growthOf(phase: keyof Phases): { readonly statements: number; readonly rowsOfWave: number } {
  const [few, many] = works.map((work) => work[phase]);
  if (few === undefined || many === undefined) throw new Error('nothing was measured');
  expect(few.statements).toBeGreaterThan(3);
  return { statements: many.statements - few.statements, rowsOfWave: (many.rowsRead - few.rowsRead) / (sizes[1] - sizes[0]) };
}

test.each(phases)('to %s a wave reads in the ledger what that wave holds, and of each other one no more than its own row', (phase) => {
  const { statements, rowsOfWave } = growthOf(phase);
  expect(statements).toBeLessThan(10);
  expect(rowsOfWave).toBeLessThan(6);
});

test('a wave that opens finds those who stayed in other waves by one statement, which reads each record of theirs once at most', () => {
  const { statements, rowsOfWave } = growthOf('open');
  expect(statements).toBeLessThan(2);
  // A customer, three orders, a book and an exception for each of the 20 accounts. An index alone answers for one of them in most runs; where it does
  // so beside 25 waves only, that one weighs a third more.
  expect(rowsOfWave).toBeLessThan(20 * 6 + 20 / 3 + 6);
});

/** What a wave asks of the ledger, phase by phase, beside so many others. */
async function workOf(others: number): Promise<Phases> {
  const bench = await startBench({ waves: 2 });
  try {
    await fill(bench, others);
    const { act } = bench;
    const east = bench.wave('east');
    const done: Partial<Record<keyof Phases, Work>> = {};
    const step = async (phase: keyof Phases, work: () => Promise<unknown>): Promise<void> => {
      done[phase] = await counted(bench.business, work);
    };
    await step('open', () => act.openWave(east));
    await step('load', () => bench.load(east));
    await act.enterShadow(east);
    await step('compare', () => act.compareBooks(east));
    await step('freeze', () => act.freezeWave(east));
    await step('delta', () => act.stageDelta(east));
    await step('verify', () => act.verifyWave(east));
    await step('gate', () => act.openGate({ ...east, gate: gateNames.switch('east'), kind: 'switch' }));
    await step('seal', async () => {
      expect(await act.sealWave(east)).toBe('sealed');
    });
    await step('switch', async () => {
      for (const lane of await act.planSwitch(east)) expect(await act.switchLane(east, lane)).toMatchObject({ end: 'done' });
      expect(await act.finishSwitch(east)).toMatchObject({ end: 'switched' });
    });
    // The wave switched whole beside all the others: the work is real.
    expect(await books(bench)).toMatchObject({ SIMOB: 'target', BONAP: 'target' });
    return done as Phases;
  } finally {
    await bench.stop();
  }
}

/** The ledger as waves before this one leave it, an archive of other accounts' orders among it. */
async function fill({ business, ref, ledger }: Bench, others: number): Promise<void> {
  const scope = (await ledger.runs.get(ref.run)).scope ?? '';
  const accounts = `(select n, 'other' || lpad(n::text, 6, '0') as account, 'wave' || (n - 1) / 20 as wave from generate_series(1, ${String(others * 20)}) n) s`;
  const records = `(select n, account, wave, 'customer' as object, account as key from ${accounts}
    union all select n, account, wave, 'order', 'order ' || n || '-' || o from ${accounts}, generate_series(1, 3) o) r`;
  await askDatabase(business.ledgerUrl, [
    `insert into wave (run, name, ordinal, state, opened_at, switched_at) select '${ref.run}', 'wave' || w, 100 + w, 'switched', clock_timestamp(), clock_timestamp()
      from generate_series(0, ${String(others - 1)}) w`,
    `insert into record (scope, object, source_id, revision, account, run, wave, hash, payload, disposition)
      select '${scope}', object, key, 1, account, '${ref.run}', wave, md5(key), '{}', 'move' from ${records}`,
    `insert into crosswalk (scope, object, source_id, system, target_object, target_id, origin, content_hash, run, wave)
      select '${scope}', object, key, 'erp', object, 'other ' || object || key, 'created', md5(key), '${ref.run}', wave from ${records}`,
    `insert into book (scope, account, run, wave, book) select '${scope}', account, '${ref.run}', wave, 'target' from ${accounts}`,
    `insert into exception (run, wave, object, source_id, account, kind, message)
      select '${ref.run}', wave, 'order', 'refused ' || n, account, 'refused', 'refused' from ${accounts}`,
    `insert into archived (scope, run, object, part, rows, sha256, money, keys) select '${scope}', '${ref.run}', 'order', 'other ' || n, 100, '', '{}',
      array(select 'shipped ' || n || '-' || o from generate_series(1, 100) o) from generate_series(1, ${String(others)}) n`,
  ]);
}
