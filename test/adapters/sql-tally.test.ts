import { describe, expect } from 'vitest';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { legacyPlan, startLegacy } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const orderKeys = { explained: { keys: [] as string[] }, statuses: null, accounts: null };
const plan: SqlSystem = {
  ...legacyPlan,
  tables: {
    ...legacyPlan.tables,
    orders: { ...legacyPlan.tables['orders']!, currency: 'currency', money: { freight: 'freight' } },
    order_details: {
      ...legacyPlan.tables['order_details']!,
      currency: '(select o.currency from orders o where o.order_id = order_details.order_id)',
      money: { net: 'round(unit_price * quantity * (1 - discount), 2)' },
    },
  },
};

const test = onEveryPostgres(async (server) => {
  const legacy = await startLegacy(server);
  return { ...legacy, port: legacy.open(plan) };
}, 'for the file');

describe('counting tables by themselves', () => {
  test('tells rows and money by status and currency, whatever the queries say', async ({ port }) => {
    const [orders] = await port.tally([{ table: 'orders', statuses: null, accounts: null, explained: { all: true } }]);
    expect(orders).toEqual([
      {
        table: 'orders',
        status: 'open',
        currency: 'USD',
        rows: 21,
        money: { freight: '987.67' },
        missing: { rows: 0, keys: [], money: { freight: '0' } },
      },
      {
        table: 'orders',
        status: 'shipped',
        currency: 'USD',
        rows: 809,
        money: { freight: '63955.02' },
        missing: { rows: 0, keys: [], money: { freight: '0' } },
      },
    ]);
    const [[lines] = []] = await port.tally([{ table: 'order_details', statuses: null, accounts: null, explained: { all: true } }]);
    expect(lines).toMatchObject({ status: null, currency: 'USD', rows: 2_155, money: { net: '1265793.29' } });
  });

  test('names the first rows that no query yields, and counts all of them', async ({ port }) => {
    const [[open, shipped] = []] = await port.tally([
      { table: 'orders', ...orderKeys, explained: { keys: ['11008', '11019', 'FREIGHT'] } },
    ]);
    expect(open?.missing.rows).toBe(19);
    expect(open?.missing.keys).not.toContain('11008');
    expect(shipped?.missing.rows).toBe(809);
    expect(shipped?.missing.keys).toHaveLength(20);
    expect(shipped?.missing.keys.slice(0, 2)).toEqual(['10248', '10249']);
  });

  test('takes the rows of some accounts, through the parent too, and of some statuses', async ({ port }) => {
    const asks = ['orders', 'order_details'].map((table) => ({
      table,
      statuses: null,
      accounts: ['ERNSH'],
      explained: { all: true as const },
    }));
    const found = await port.tally(asks);
    expect(found.flat().map(({ table, status, rows }) => [table, status, rows])).toEqual([
      ['orders', 'open', 2],
      ['orders', 'shipped', 28],
      ['order_details', null, 102],
    ]);
    const [[only, ...rest] = []] = await port.tally([{ table: 'orders', statuses: ['open'], accounts: null, explained: { all: true } }]);
    expect([only?.rows, rest]).toEqual([21, []]);
    expect(await port.tally([{ table: 'products', statuses: null, accounts: ['ALFKI'], explained: { all: true } }])).toEqual([[]]);
  });

  test('explains rows by a condition of the plan, and a condition that is null explains nothing', async ({ port }) => {
    const [[found] = []] = await port.tally([{ table: 'products', statuses: null, accounts: null, explained: { where: 'discontinued' } }]);
    expect(found).toMatchObject({ rows: 77, missing: { rows: 69 } });
    const [[none] = []] = await port.tally([{ table: 'products', statuses: null, accounts: null, explained: { where: 'null::boolean' } }]);
    expect(none?.missing.rows).toBe(77);
  });

  test('compares keys only where the plan or a primary key of one column gives them', async ({ port, open }) => {
    const ask = { table: 'order_details', statuses: null, accounts: null, explained: { keys: [] } };
    await expect(port.tally([ask])).rejects.toThrow(
      'table order_details has no primary key of one column; say under systems.erp.tables.order_details.key',
    );
    const named = open({
      ...plan,
      tables: { ...plan.tables, order_details: { ...plan.tables['order_details']!, key: 'order_id' } },
    });
    const [[lines] = []] = await named.tally([{ ...ask, explained: { keys: ['10248'] } }]);
    expect(lines?.missing.rows).toBe(2_152);
  });
});
