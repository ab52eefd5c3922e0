import type { Client } from 'pg';
import { describe, expect } from 'vitest';
import { copyIn } from './sql-copy.ts';
import { emptyLegacy, lookup, moves } from './sql-empty.ts';
import { order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const frozen = { code: 'ZC001' };
const test = onEveryPostgres(emptyLegacy);

const versionOf = async (client: Client): Promise<number> =>
  Number((await client.query<{ version: string }>(`select current_setting('server_version_num') as version`)).rows[0]?.version);

describe('every way a row is written', () => {
  test('an account that a later trigger puts in is judged as it is stored', async ({ owner, installed }) => {
    const { port, writer } = await installed(
      `create table orders (id int primary key, cust text); create function owner_of() returns trigger language plpgsql as $$ begin new.cust := 'AB'; return new; end $$`,
      { orders: moves('cust') },
    );
    await owner.query('create trigger zzz before insert on orders for each row execute function owner_of()');
    await port.freeze(order({ accounts: ['AB'] }));
    await expect(writer.query(`insert into orders values (1, 'CD')`)).rejects.toMatchObject(frozen);
  });

  test('a generated account column, ON CONFLICT, a view, a rule and a cascade', async ({ owner, installed }) => {
    const { port, writer } = await installed(
      `create table customers (cust text primary key); create table orders (id int primary key, cust text references customers on update cascade on delete cascade);
       create table coded (id int primary key, raw text, cust text generated always as (upper(raw)) stored);
       create view open_orders as select * from orders; create table inbox (id int, cust text);
       create rule arrive as on insert to inbox do instead insert into orders values (new.id, new.cust);
       insert into customers values ('AB'), ('CD'); insert into orders values (1, 'AB'), (2, 'CD')`,
      { customers: moves('cust'), orders: moves('cust'), coded: moves('cust') },
    );
    await owner.query('grant all on inbox, open_orders to public');
    await port.freeze(order({ accounts: ['AB'] }));
    for (const refused of [
      `insert into coded values (1, 'ab')`,
      `insert into orders values (2, 'CD') on conflict (id) do update set cust = 'AB'`,
      `update open_orders set id = 7 where cust = 'AB'`,
      `insert into inbox values (8, 'AB')`,
      `delete from customers where cust = 'AB'`,
      `update customers set cust = 'EF' where cust = 'AB'`,
      `do $$ begin execute 'insert into orders values (9, ''AB'')'; end $$`,
    ])
      await expect(writer.query(refused)).rejects.toMatchObject(frozen);
    if ((await versionOf(owner)) >= 150_000)
      await expect(
        writer.query(`merge into orders o using (values (2)) as s (id) on o.id = s.id when matched then update set cust = 'AB'`),
      ).rejects.toMatchObject(frozen);
    await writer.query(`insert into inbox values (8, 'CD')`);
    await writer.query(`delete from customers where cust = 'CD'`);
    expect((await owner.query('select id, cust from orders order by 1')).rows).toEqual([{ id: 1, cust: 'AB' }]);
  });

  test('COPY is refused whole where one of its rows is frozen', async ({ owner, installed }) => {
    const { port, writer } = await installed('create table orders (id int primary key, cust text)', { orders: moves('cust') });
    await port.freeze(order({ accounts: ['AB'] }));
    await expect(copyIn(writer, 'copy orders from stdin', '1\tCD\n2\tAB\n3\tCD\n')).rejects.toMatchObject(frozen);
    expect((await owner.query('select * from orders')).rows).toEqual([]);
    await copyIn(writer, 'copy orders from stdin', '1\tCD\n3\tCD\n');
    expect((await owner.query('select id from orders order by 1')).rows).toEqual([{ id: 1 }, { id: 3 }]);
  });
});

test('the change log keeps what a serializable transaction changed, and finds its account', async ({ installed }) => {
  const { port, writer } = await installed(
    `create table orders (id int primary key, cust text); create table lines (id int primary key, order_id int); insert into orders values (1, 'AB')`,
    { orders: moves('cust'), lines: lookup('order_id', 'orders', 'id', 'cust') },
  );
  const mark = await port.watermark();
  await writer.query('begin isolation level serializable; insert into lines values (1, 1); commit');
  expect(await port.changesSince(mark)).toMatchObject([{ table: 'lines', key: '1', account: 'AB', operation: 'insert' }]);
});
