import { describe, expect } from 'vitest';
import { emptyLegacy, lookup, moves, planOf } from './sql-empty.ts';
import { nextOrder, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const frozen = { code: 'ZC001' };
const test = onEveryPostgres(emptyLegacy);

describe('names as PostgreSQL allows them', () => {
  test.each([['user'], ['order'], ['Cust No'], ['a"b'], ['naïve'], ['100%'], ['new'], ['hold'], ['account']])(
    'an account column %j',
    async ({ owner, installed }, column) => {
      const quoted = owner.escapeIdentifier(column);
      const { port, writer } = await installed(
        `create table "Invoices" (id int primary key, ${quoted} text); insert into "Invoices" values (1, 'AB'), (2, 'CD')`,
        {
          Invoices: moves(column),
        },
      );
      await port.freeze(order({ accounts: ['AB'] }));
      await expect(writer.query('update "Invoices" set id = 3 where id = 1')).rejects.toMatchObject(frozen);
      await writer.query('update "Invoices" set id = 4 where id = 2');
    },
  );

  test('tables of several schemas, with points and quotation marks in their names', async ({ installed }) => {
    const { port, writer } = await installed(
      `create schema sales; create schema "Odd.Schema"; create table sales.orders (id int primary key, cust text);
       create table "Odd.Schema"."li""nes" (id int primary key, order_id int); insert into sales.orders values (1, 'AB'), (2, 'CD')`,
      { 'sales.orders': moves('cust'), '"Odd.Schema"."li""nes"': lookup('order_id', 'sales.orders', 'id', 'cust') },
    );
    expect((await port.inventory()).tables).toEqual({ 'sales.orders': 2, '"Odd.Schema"."li""nes"': 0 });
    expect((await port.probe()).problems).toEqual([]);
    await port.freeze(order({ accounts: ['AB'] }));
    const mark = await port.watermark();
    await expect(writer.query(`insert into "Odd.Schema"."li""nes" values (1, 1)`)).rejects.toMatchObject(frozen);
    await writer.query(`insert into "Odd.Schema"."li""nes" values (1, 2)`);
    expect(await port.changesSince(mark)).toMatchObject([{ table: '"Odd.Schema"."li""nes"', key: '2', account: 'CD' }]);
  });
});

describe('lookups by a key of several columns', () => {
  const ddl = `create table orders (company int, no int, cust text, primary key (company, no)); create table lines (id int primary key, company int, no int);
    insert into orders values (1, 5, 'AB'), (2, 5, 'CD'); insert into lines values (1, 1, 5), (2, 2, 5)`;

  test('are judged by the whole key', async ({ installed }) => {
    const { port, writer } = await installed(ddl, {
      orders: moves('cust'),
      lines: lookup(['company', 'no'], 'orders', ['company', 'no'], 'cust'),
    });
    await port.freeze(order({ accounts: ['AB'] }));
    await expect(writer.query('update lines set id = 3 where id = 1')).rejects.toMatchObject(frozen);
    await writer.query('update lines set id = 4 where id = 2');
  });

  test('are refused where no unique index proves the key to be one row', async ({ owner, open, grant }) => {
    await owner.query(`${ddl}; create unique index on orders (no) where company = 1`);
    await grant();
    const port = open(planOf({ orders: moves('cust'), lines: lookup('no', 'orders', 'no', 'cust') }));
    expect((await port.probe()).problems).toEqual([expect.stringContaining('which no unique index proves to be one row')]);
    await expect(port.install(nextOrder())).rejects.toMatchObject({ kind: 'invalidData' });
  });

  test('are refused where the types have no equality', async ({ owner, open, grant }) => {
    await owner.query('create table orders (no int primary key, cust text); create table lines (id int primary key, no text)');
    await grant();
    expect((await open(planOf({ orders: moves('cust'), lines: lookup('no', 'orders', 'no', 'cust') })).probe()).problems).toEqual([
      expect.stringContaining('knows no equality of their types'),
    ]);
  });
});
