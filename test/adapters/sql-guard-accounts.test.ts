import { describe, expect } from 'vitest';
import { emptyLegacy, lookup, moves, planOf } from './sql-empty.ts';
import { fence, nextOrder, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const frozen = { code: 'ZC001' };
const test = onEveryPostgres(emptyLegacy);

describe('one account, however it is written', () => {
  test.each([
    ['char(6)', `'AB'`, 'AB', `'AB    '`, `'ABC'`],
    ['char(6)', `'AB'`, 'AB    ', `'AB'`, `'A'`],
    ['varchar(6)', `'AB'`, 'AB', `'AB'`, `'AB '`],
    ['text', `' AB'`, ' AB', `' AB'`, `'AB'`],
    ['text', `''`, '', `''`, `' '`],
    ['numeric(10,2)', '1', '1.0', '1.00', '1.01'],
    ['numeric', '1.50', '1.5', '1.500', '15'],
    ['bigint', '7', '7', '07', '70'],
    [
      'uuid',
      `'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'`,
      'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
      `'{a0eebc999c0b4ef8bb6d6bb9bd380a11}'`,
      `'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'`,
    ],
    ['citext', `'Alfki'`, 'aLFKI', `'ALFKI'`, `'ALFKO'`],
    ['customer_number', `'AB'`, 'AB', `'AB    '`, `'ABC'`],
  ])('%s: %s frozen as %j refuses %s and leaves %s', async ({ owner, installed }, type, stored, ordered, same, other) => {
    await owner.query('create extension citext; create domain customer_number as char(6)');
    const { port, writer } = await installed(
      `create table orders (id int primary key, cust ${type}, note int); create table lines (id int primary key, order_id int);
       insert into orders values (1, ${stored}, 0), (2, ${other}, 0); insert into lines values (1, 1), (2, 2)`,
      { orders: moves('cust'), lines: lookup('order_id', 'orders', 'id', 'cust') },
      { order: { sql: 'select id, cust from orders', key: 'id', account: 'cust', tables: ['orders'] } },
    );
    const before = await port.watermark();
    await writer.query('update orders set note = 1');
    await port.freeze(order({ accounts: [ordered] }));
    for (const refused of [
      'update orders set note = 1 where id = 1',
      'update lines set order_id = 1 where id = 1',
      `insert into orders values (3, ${same}, 0)`,
      'update orders set cust = (select cust from orders where id = 1) where id = 2',
      'insert into lines values (3, 1)',
    ])
      await expect(writer.query(refused)).rejects.toMatchObject(frozen);
    await writer.query('update orders set note = 2 where id = 2');
    await writer.query('insert into lines values (4, 2)');
    const { rows } = await port.read('order', { after: null, limit: 10, accounts: [ordered] });
    expect(rows.map(({ key }) => key)).toEqual(['1']);
    const account = rows[0]?.account ?? '';
    expect(await port.written([ordered, account])).toEqual([account]);
    expect(await port.freezeStates([ordered])).toMatchObject([{ account, holds: true }]);
    expect((await port.changesSince(before)).find(({ key, table }) => key === '1' && table === 'orders')?.account).toBe(account);
    await port.seal([ordered], fence());
    await expect(writer.query('update orders set note = 3 where id = 1')).rejects.toMatchObject({ code: 'ZC002' });
    await port.thaw([ordered], fence());
    await writer.query('update orders set note = 4 where id = 1');
  });

  test.each([
    ['float8', ''],
    ['date', ''],
    ['bytea', ''],
    ['text[]', ''],
    ['text collate blind', `create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`],
  ])('%s is refused at preflight and at the installation', async ({ owner, open, grant }, type, first) => {
    await owner.query(first);
    await owner.query(`create table orders (id int primary key, cust ${type})`);
    await grant();
    const port = open(planOf({ orders: moves('cust') }));
    expect((await port.probe()).problems).toEqual([
      expect.stringContaining('Accounts cannot be told apart by column cust of table orders'),
    ]);
    await expect(port.install(nextOrder())).rejects.toMatchObject({ kind: 'invalidData' });
  });

  test('two tables that tell accounts apart in two ways are refused', async ({ owner, open, grant }) => {
    await owner.query('create table a (id int primary key, cust text); create table b (id int primary key, cust int)');
    await grant();
    expect((await open(planOf({ a: moves('cust'), b: moves('cust') })).probe()).problems).toEqual([expect.stringContaining('in two ways')]);
  });

  test('rows of nobody are written whoever is frozen', async ({ installed }) => {
    const { port, writer } = await installed('create table orders (id int primary key, cust text)', { orders: moves('cust') });
    await port.freeze(order({ accounts: ['AB'] }));
    await writer.query('insert into orders values (1, null)');
    await writer.query('update orders set id = 2');
    await expect(writer.query(`update orders set cust = 'AB'`)).rejects.toMatchObject(frozen);
  });
});
