import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { FreezeOrder, SourcePort } from '../../contracts/source.ts';
import { sqlSystemSchema } from '../../domain/plan/systems.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { fence, nextOrder } from './sql-legacy.ts';
import { emptyLegacy, type EmptyLegacy } from './sql-empty.ts';
import { onEveryPostgres } from './sql-versions.ts';

const frozen = { code: 'ZC001' };
const order = (accounts: readonly string[], more: Partial<FreezeOrder> = {}): FreezeOrder => ({
  ...fence(),
  accounts,
  leaseMs: 60_000,
  reason: 'change of ERP',
  contact: 'the help desk',
  ...more,
});
const planOf = (tables: object, queries: object = {}) => sqlSystemSchema.parse({ adapter: 'sql', rounding: 'halfUp', tables, queries });
const moves = (column: string) => ({ disposition: 'move', account: { column } });
const lookup = (column: unknown, table: string, key: unknown, account: string) => ({
  disposition: 'move',
  account: { column, lookup: { table, key, account } },
});

onEveryPostgres((start) => {
  let server: LocalPostgres;
  let legacy: EmptyLegacy;
  let owner: Client;
  let writer: Client;
  let port: SourcePort;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    legacy = await emptyLegacy(server);
    owner = await legacy.owner();
  });
  afterEach(() => legacy.stop());

  /** Makes these tables, opens them to everybody as a company would, and installs the guard. */
  const installed = async (ddl: string, tables: object, queries: object = {}): Promise<void> => {
    await owner.query(ddl);
    await legacy.grant();
    port = legacy.open(planOf(tables, queries));
    await port.install(nextOrder());
    writer = await legacy.appUser();
  };
  const rowsOf = async (sql: string): Promise<unknown> => (await owner.query(sql)).rows;
  const serverVersion = async (): Promise<number> =>
    Number((await owner.query<{ v: string }>(`select current_setting('server_version_num') as v`)).rows[0]?.v);

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
    ])('%s: %s frozen as %j refuses %s and leaves %s', async (type, stored, ordered, same, other) => {
      await owner.query('create extension citext; create domain customer_number as char(6)');
      await installed(
        `create table orders (id int primary key, cust ${type}, note int); create table lines (id int primary key, order_id int);
         insert into orders values (1, ${stored}, 0), (2, ${other}, 0); insert into lines values (1, 1), (2, 2)`,
        { orders: moves('cust'), lines: lookup('order_id', 'orders', 'id', 'cust') },
        { order: { sql: 'select id, cust from orders', key: 'id', account: 'cust', tables: ['orders'] } },
      );
      const before = await port.watermark();
      await writer.query('update orders set note = 1');
      await port.freeze(order([ordered]));
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
      const account = rows[0]?.account;
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
    ])('%s is refused at preflight and at the installation', async (type, first) => {
      await owner.query(first);
      await owner.query(`create table orders (id int primary key, cust ${type})`);
      await legacy.grant();
      port = legacy.open(planOf({ orders: moves('cust') }));
      expect((await port.probe()).problems).toEqual([
        expect.stringContaining('Accounts cannot be told apart by column cust of table orders'),
      ]);
      await expect(port.install(nextOrder())).rejects.toMatchObject({ kind: 'invalidData' });
    });

    test('two tables that tell accounts apart in two ways are refused', async () => {
      await owner.query('create table a (id int primary key, cust text); create table b (id int primary key, cust int)');
      await legacy.grant();
      expect((await legacy.open(planOf({ a: moves('cust'), b: moves('cust') })).probe()).problems).toEqual([
        expect.stringContaining('in two ways'),
      ]);
    });

    test('rows of nobody are written whoever is frozen', async () => {
      await installed('create table orders (id int primary key, cust text)', { orders: moves('cust') });
      await port.freeze(order(['AB']));
      await writer.query('insert into orders values (1, null)');
      await writer.query('update orders set id = 2');
      await expect(writer.query(`update orders set cust = 'AB'`)).rejects.toMatchObject(frozen);
    });
  });

  describe('names as PostgreSQL allows them', () => {
    test.each(['user', 'order', 'Cust No', 'a"b', 'naïve', '100%', 'new', 'hold', 'account'])('an account column %j', async (column) => {
      const quoted = owner.escapeIdentifier(column);
      await installed(`create table "Invoices" (id int primary key, ${quoted} text); insert into "Invoices" values (1, 'AB'), (2, 'CD')`, {
        Invoices: moves(column),
      });
      await port.freeze(order(['AB']));
      await expect(writer.query('update "Invoices" set id = 3 where id = 1')).rejects.toMatchObject(frozen);
      await writer.query('update "Invoices" set id = 4 where id = 2');
    });

    test('tables of several schemas, with points and quotation marks in their names', async () => {
      await installed(
        `create schema sales; create schema "Odd.Schema"; create table sales.orders (id int primary key, cust text);
         create table "Odd.Schema"."li""nes" (id int primary key, order_id int); insert into sales.orders values (1, 'AB'), (2, 'CD')`,
        { 'sales.orders': moves('cust'), '"Odd.Schema"."li""nes"': lookup('order_id', 'sales.orders', 'id', 'cust') },
      );
      expect((await port.inventory()).tables).toEqual({ 'sales.orders': 2, '"Odd.Schema"."li""nes"': 0 });
      expect((await port.probe()).problems).toEqual([]);
      await port.freeze(order(['AB']));
      const mark = await port.watermark();
      await expect(writer.query(`insert into "Odd.Schema"."li""nes" values (1, 1)`)).rejects.toMatchObject(frozen);
      await writer.query(`insert into "Odd.Schema"."li""nes" values (1, 2)`);
      expect(await port.changesSince(mark)).toMatchObject([{ table: '"Odd.Schema"."li""nes"', key: '2', account: 'CD' }]);
    });
  });

  describe('lookups by a key of several columns', () => {
    const ddl = `create table orders (company int, no int, cust text, primary key (company, no)); create table lines (id int primary key, company int, no int);
      insert into orders values (1, 5, 'AB'), (2, 5, 'CD'); insert into lines values (1, 1, 5), (2, 2, 5)`;

    test('are judged by the whole key', async () => {
      await installed(ddl, { orders: moves('cust'), lines: lookup(['company', 'no'], 'orders', ['company', 'no'], 'cust') });
      await port.freeze(order(['AB']));
      await expect(writer.query('update lines set id = 3 where id = 1')).rejects.toMatchObject(frozen);
      await writer.query('update lines set id = 4 where id = 2');
    });

    test('are refused where no unique index proves the key to be one row', async () => {
      await owner.query(`${ddl}; create unique index on orders (no) where company = 1`);
      await legacy.grant();
      port = legacy.open(planOf({ orders: moves('cust'), lines: lookup('no', 'orders', 'no', 'cust') }));
      expect((await port.probe()).problems).toEqual([expect.stringContaining('which no unique index proves to be one row')]);
      await expect(port.install(nextOrder())).rejects.toMatchObject({ kind: 'invalidData' });
    });

    test('are refused where the types have no equality', async () => {
      await owner.query('create table orders (no int primary key, cust text); create table lines (id int primary key, no text)');
      await legacy.grant();
      expect((await legacy.open(planOf({ orders: moves('cust'), lines: lookup('no', 'orders', 'no', 'cust') })).probe()).problems).toEqual([
        expect.stringContaining('knows no equality of their types'),
      ]);
    });
  });

  describe('every way a row is written', () => {
    const partitioned = `create table orders (id int, cust text, part int, primary key (id, part)) partition by list (part);
      create table orders_1 partition of orders for values in (1); create table orders_2 partition of orders for values in (2);
      insert into orders values (1, 'AB', 1), (2, 'CD', 1), (3, 'CD', 2)`;

    test('partitions: their rows, a row that moves between them, TRUNCATE of one, and one that comes later', async () => {
      await installed(partitioned, { orders: moves('cust') });
      await port.freeze(order(['AB']));
      for (const refused of [
        'update orders_1 set cust = cust where id = 1',
        'update orders set part = 2 where id = 1',
        'delete from orders_1 where id = 1',
        `insert into orders_2 values (9, 'AB', 2)`,
      ])
        await expect(writer.query(refused)).rejects.toMatchObject(frozen);
      await expect(owner.query('truncate orders_1')).rejects.toMatchObject(frozen);
      await writer.query('update orders set part = 2 where id = 2');
      await owner.query('create table orders_3 partition of orders for values in (3); grant all on orders_3 to public');
      await expect(writer.query(`insert into orders_3 values (9, 'AB', 3)`)).rejects.toMatchObject(frozen);
      expect(await port.freezeStates(['AB'])).toMatchObject([{ holds: true }]);
      await expect(port.seal(['AB'], fence())).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('zz_cutover_guard_truncate on table orders_3 is missing'),
      });
      await owner.query('grant trigger on orders_3 to cutover_runner');
      await port.install(nextOrder());
      await expect(owner.query('truncate orders_3')).rejects.toMatchObject(frozen);
    });

    test('tables that inherit: their rows, TRUNCATE, and one that comes later is named at the seal', async () => {
      await installed(
        `create table orders (id int primary key, cust text); create table old_orders (primary key (id)) inherits (orders);
         insert into old_orders values (1, 'AB'), (2, 'CD')`,
        { orders: moves('cust'), old_orders: { disposition: 'move' } },
      );
      const mark = await port.watermark();
      await writer.query('update old_orders set id = 3 where id = 2');
      expect(new Set((await port.changesSince(mark)).map(({ key }) => key))).toEqual(new Set(['2', '3']));
      await port.freeze(order(['AB']));
      await expect(writer.query('update old_orders set id = 9 where id = 1')).rejects.toMatchObject(frozen);
      await expect(owner.query('truncate old_orders')).rejects.toMatchObject(frozen);
      await owner.query('create table later () inherits (orders)');
      expect(await port.freezeStates(['AB'])).toMatchObject([{ holds: false }]);
      await expect(port.seal(['AB'], fence())).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('zz_cutover_guard on table later is missing'),
      });
    });

    test('an account that a later trigger puts in is judged as it is stored', async () => {
      await installed(
        `create table orders (id int primary key, cust text); create function owner_of() returns trigger language plpgsql as $$ begin new.cust := 'AB'; return new; end $$`,
        { orders: moves('cust') },
      );
      await owner.query('create trigger zzz before insert on orders for each row execute function owner_of()');
      await port.freeze(order(['AB']));
      await expect(writer.query(`insert into orders values (1, 'CD')`)).rejects.toMatchObject(frozen);
    });

    test('a generated account column, ON CONFLICT, a view, a rule, a cascade and COPY', async () => {
      await installed(
        `create table customers (cust text primary key); create table orders (id int primary key, cust text references customers on update cascade on delete cascade);
         create table coded (id int primary key, raw text, cust text generated always as (upper(raw)) stored);
         create view open_orders as select * from orders; create table inbox (id int, cust text);
         create rule arrive as on insert to inbox do instead insert into orders values (new.id, new.cust);
         insert into customers values ('AB'), ('CD'); insert into orders values (1, 'AB'), (2, 'CD')`,
        { customers: moves('cust'), orders: moves('cust'), coded: moves('cust') },
      );
      await owner.query('grant all on inbox, open_orders to public');
      await port.freeze(order(['AB']));
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
      if ((await serverVersion()) >= 150_000)
        await expect(
          writer.query(`merge into orders o using (values (2)) as s (id) on o.id = s.id when matched then update set cust = 'AB'`),
        ).rejects.toMatchObject(frozen);
      await writer.query(`insert into inbox values (8, 'CD')`);
      await writer.query(`delete from customers where cust = 'CD'`);
      expect(await rowsOf('select id, cust from orders order by 1')).toEqual([{ id: 1, cust: 'AB' }]);
    });

    test('a session in replica mode does not get past triggers that the owner lets fire always', async () => {
      await owner.query(`do $$ begin if to_regrole('table_owner') is null then create role table_owner; end if; end $$`);
      await owner.query('grant table_owner to cutover_runner');
      try {
        await owner.query(`create table orders (id int primary key, cust text); alter table orders owner to table_owner`);
        await installed(`insert into orders values (1, 'AB')`, { orders: moves('cust') });
        await port.freeze(order(['AB']));
        await owner.query('set session_replication_role = replica');
        await expect(owner.query('update orders set id = 2')).rejects.toMatchObject(frozen);
        await expect(owner.query('truncate orders')).rejects.toMatchObject(frozen);
      } finally {
        await owner.query('set session_replication_role = origin; revoke table_owner from cutover_runner');
      }
    });

    test('who but a superuser could write in replica mode is named at preflight and at the seal', async () => {
      await installed('create table orders (id int primary key, cust text)', { orders: moves('cust') });
      await port.freeze(order(['AB']));
      await owner.query('alter role legacy_app set session_replication_role = replica');
      try {
        const named = expect.stringContaining('session_replication_role = replica is set for role legacy_app');
        expect((await port.probe()).problems).toEqual([named]);
        await expect(port.seal(['AB'], fence())).rejects.toMatchObject({ kind: 'conflict', message: named });
      } finally {
        await owner.query('alter role legacy_app reset session_replication_role');
      }
    });

    test('triggers that the owner switched off and on again are found out at the seal', async () => {
      await installed(`create table orders (id int primary key, cust text); insert into orders values (1, 'AB')`, {
        orders: moves('cust'),
      });
      await port.freeze(order(['AB']));
      await owner.query('alter table orders disable trigger user');
      await writer.query('update orders set id = 2');
      await owner.query('alter table orders enable trigger user');
      await expect(port.seal(['AB'], fence())).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('was made or switched off and on since the freeze'),
      });
    });

    test.each([
      ['a view', 'create view orders as select 1 as id, null::text as cust'],
      ['a materialized view', `create materialized view orders as select 1 as id, null::text as cust`],
      [
        'a foreign table',
        'create foreign data wrapper w; create server s foreign data wrapper w; create foreign table orders (id int, cust text) server s',
      ],
    ])('%s cannot be guarded, and preflight says so', async (_kind, ddl) => {
      await owner.query(ddl);
      await legacy.grant();
      expect((await legacy.open(planOf({ orders: moves('cust') })).probe()).problems.join()).toContain('Table orders cannot be guarded');
    });
  });

  describe('outside a freeze', () => {
    test.each([
      ['json', `'{"a": "\\u0000"}'`],
      ['json', `'{"a": "\\ud800"}'`],
      ['bytea', `(select decode(repeat('00', 1000000), 'hex'))`],
      ['xml', `'<a/>'`],
      ['tsvector', `'a b'`],
    ])('a row with a value of type %s is written as it was: %s', async (type, value) => {
      await installed(`create table orders (id int primary key, cust text, body ${type}); insert into orders values (1, 'AB', ${value})`, {
        orders: moves('cust'),
      });
      await writer.query(`update orders set id = 2`);
      await port.freeze(order(['CD']));
      await writer.query('update orders set id = 3');
      await writer.query('delete from orders');
    });

    test.each([
      ['drop table cutover.change_log'],
      ['drop table cutover.freeze'],
      ['drop table cutover.account; drop table cutover.gate; drop sequence cutover.closing'],
      ['alter table cutover.change_log drop column account'],
      ['alter table cutover.change_log add column more int not null'],
      ['revoke all on all tables in schema cutover from cutover_runner'],
      ['revoke select on orders from cutover_runner'],
      ['alter table orders rename column cust to customer'],
      ['alter table lines rename column order_id to doc'],
      ['revoke all on schema public from public, cutover_runner; grant usage on schema public to legacy_app'],
      ['drop schema cutover cascade'],
    ])('our damaged part fails no write: %s', async (damage) => {
      await installed(
        `create table orders (id int primary key, cust text); create table lines (id int primary key, order_id int);
         insert into orders values (1, 'AB'), (2, 'CD'); insert into lines values (1, 1)`,
        { orders: moves('cust'), lines: lookup('order_id', 'orders', 'id', 'cust') },
      );
      await owner.query(damage);
      for (const level of ['read committed', 'repeatable read', 'serializable']) {
        await writer.query(`begin isolation level ${level}`);
        await writer.query('update orders set id = id + 10');
        await writer.query('update lines set id = id + 10');
        await writer.query('commit');
      }
      await owner.query('truncate lines');
    });

    test('what cannot be judged is refused while somebody is frozen, and written again after the thaw', async () => {
      await installed(
        `create table orders (id int primary key, cust text); create table lines (id int primary key, order_id int); insert into orders values (1, 'AB')`,
        { orders: moves('cust'), lines: lookup('order_id', 'orders', 'id', 'cust') },
      );
      await port.freeze(order(['AB']));
      await owner.query('revoke select on orders from cutover_runner');
      await expect(writer.query('insert into lines values (1, 1)')).rejects.toMatchObject({
        code: 'ZC001',
        message: expect.stringContaining('Nobody can tell whose row of table lines this is'),
      });
      await owner.query('grant select on orders to cutover_runner');
      await port.thaw(['AB'], fence());
      await writer.query('insert into lines values (1, 1)');
    });

    test('writers without any right on our schema, with any search path, prepared or not, write', async () => {
      await installed(`create table orders (id int primary key, cust text)`, { orders: moves('cust') });
      await owner.query('create schema evil; create table evil."freeze" (account text); grant all on schema evil to public');
      await writer.query(`set search_path = evil, pg_temp`);
      await writer.query('create temporary table "freeze" (account int)');
      await writer.query({ name: 'enter', text: `insert into public.orders values ($1, 'AB')`, values: [1] });
      await port.freeze(order(['AB']));
      await expect(writer.query({ name: 'enter', text: `insert into public.orders values ($1, 'AB')`, values: [2] })).rejects.toMatchObject(
        frozen,
      );
    });

    test.each(['repeatable read', 'serializable'])(
      '%s writers of the same and of new accounts never fail because of each other',
      async (level) => {
        await installed(`create table orders (id int primary key, cust text); insert into orders values (1, 'AB'), (2, 'AB')`, {
          orders: moves('cust'),
        });
        const other = await legacy.appUser();
        for (const client of [writer, other]) {
          await client.query(`begin isolation level ${level}`);
          await client.query('select 1');
        }
        await writer.query(`update orders set cust = 'NEW' where id = 1`);
        await writer.query('commit');
        await other.query(`insert into orders values (3, 'NEW')`);
        await other.query(`update orders set cust = 'CD' where id = 2`);
        await other.query('commit');
      },
    );

    test('writers that take accounts in opposite orders never wait for each other because of us', async () => {
      await installed(`create table orders (id int primary key, cust text)`, { orders: moves('cust') });
      const other = await legacy.appUser();
      await writer.query('begin');
      await other.query('begin');
      await writer.query(`insert into orders values (1, 'AB')`);
      await other.query(`insert into orders values (2, 'CD')`);
      await writer.query(`insert into orders values (3, 'CD')`);
      await other.query(`insert into orders values (4, 'AB')`);
      await writer.query('commit');
      await other.query('commit');
    });

    test('a publication of all tables is named at preflight', async () => {
      await owner.query('create table orders (id int primary key, cust text); create publication everything for all tables');
      await legacy.grant();
      expect((await legacy.open(planOf({ orders: moves('cust') })).probe()).problems).toEqual([
        expect.stringContaining('Publication everything publishes all tables'),
      ]);
    });
  });

  test('the change log keeps what a serializable transaction changed, and finds its account', async () => {
    await installed(
      `create table orders (id int primary key, cust text); create table lines (id int primary key, order_id int); insert into orders values (1, 'AB')`,
      { orders: moves('cust'), lines: lookup('order_id', 'orders', 'id', 'cust') },
    );
    const mark = await port.watermark();
    await writer.query('begin isolation level serializable; insert into lines values (1, 1); commit');
    expect(await port.changesSince(mark)).toMatchObject([{ table: 'lines', key: '1', account: 'AB', operation: 'insert' }]);
  });
});
