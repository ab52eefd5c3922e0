import { beforeAll, expect, test } from '@jest/globals';
import type { Business } from '../../scripts/dev/business.ts';
import { CrmPerson, erpTable, inLegacy } from '../support/arena/people.ts';
import { smallWaves } from '../support/small-plan.ts';
import { startBench, undoAll } from './bench.ts';
import { counted, countStatements, type Work } from './counted.ts';

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
  const keys = Array.from({ length: size }, (_, index) => `G${String(index + 1).padStart(4, '0')}`);
  const bench = await startBench(
    {
      waves: 2,
      plan: (plan) => {
        plan['waves'] = [{ name: 'east', accounts: [...smallWaves.east, ...smallWaves.west, ...keys] }];
        // So many accounts need more than a tenth of an organization of the smallest kind for their way back.
        Object.assign((plan['systems'] as Record<string, object>)['crm'] ?? {}, { budget: { reserve: 0.5 } });
      },
    },
    (business) => populate(business, keys),
  );
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

async function populate(business: Business, keys: readonly string[]): Promise<void> {
  const all = `unnest(array['${keys.join("','")}']) with ordinality as k(key, number)`;
  const what = `insert into customers (customer_id, company_name, contact_name, contact_title, address, city, postal_code, country, phone, terms_code)
    select k.key, 'Company ' || k.key, contact_name, contact_title, address, city, postal_code, country, '0555-' || k.number, terms_code
    from customers, ${all} where customer_id = 'BONAP'`;
  const orders = `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
    select 30000 + k.number, k.key, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT'
    from customers join ${all} on customer_id = k.key`;
  const lines = `insert into order_details select 30000 + k.number, 1, 18.0000, 2, 0 from ${all}`;
  for (const statement of [what, orders, lines]) await inLegacy(business, 'admin', statement);
  const person = await CrmPerson.enter(business);
  for (const key of keys) await person.request('POST', '/sobjects/Account', { Name: `Company ${key}`, AccountNumber: key });
}
