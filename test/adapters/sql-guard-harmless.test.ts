import { describe, expect } from 'vitest';
import { emptyLegacy, lookup, moves, planOf } from './sql-empty.ts';
import { fence, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const frozen = { code: 'ZC001' };
const test = onEveryPostgres(emptyLegacy);

describe('outside a freeze', () => {
  test.each([
    ['json', `'{"a": "\\u0000"}'`],
    ['json', `'{"a": "\\ud800"}'`],
    ['bytea', `(select decode(repeat('00', 1000000), 'hex'))`],
    ['xml', `'<a/>'`],
    ['tsvector', `'a b'`],
  ])('a row with a value of type %s is written as it was: %s', async ({ installed }, type, value) => {
    const { port, writer } = await installed(
      `create table orders (id int primary key, cust text, body ${type}); insert into orders values (1, 'AB', ${value})`,
      {
        orders: moves('cust'),
      },
    );
    await writer.query(`update orders set id = 2`);
    await port.freeze(order({ accounts: ['CD'] }));
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
  ])('our damaged part fails no write: %s', async ({ owner, installed }, damage) => {
    const { writer } = await installed(
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

  test('what cannot be judged is refused while somebody is frozen, and written again after the thaw', async ({ owner, installed }) => {
    const { port, writer } = await installed(
      `create table orders (id int primary key, cust text); create table lines (id int primary key, order_id int); insert into orders values (1, 'AB')`,
      { orders: moves('cust'), lines: lookup('order_id', 'orders', 'id', 'cust') },
    );
    await port.freeze(order({ accounts: ['AB'] }));
    await owner.query('revoke select on orders from cutover_runner');
    await expect(writer.query('insert into lines values (1, 1)')).rejects.toMatchObject({
      code: 'ZC001',
      message: expect.stringContaining('Nobody can tell whose row of table lines this is'),
    });
    await owner.query('grant select on orders to cutover_runner');
    await port.thaw(['AB'], fence());
    await writer.query('insert into lines values (1, 1)');
  });

  test('writers without any right on our schema, with any search path, prepared or not, write', async ({ owner, installed }) => {
    const { port, writer } = await installed(`create table orders (id int primary key, cust text)`, { orders: moves('cust') });
    await owner.query('create schema evil; create table evil."freeze" (account text); grant all on schema evil to public');
    await writer.query(`set search_path = evil, pg_temp`);
    await writer.query('create temporary table "freeze" (account int)');
    await writer.query({ name: 'enter', text: `insert into public.orders values ($1, 'AB')`, values: [1] });
    await port.freeze(order({ accounts: ['AB'] }));
    await expect(writer.query({ name: 'enter', text: `insert into public.orders values ($1, 'AB')`, values: [2] })).rejects.toMatchObject(
      frozen,
    );
  });

  test.each([['repeatable read'], ['serializable']])(
    '%s writers of the same and of new accounts never fail because of each other',
    async ({ appUser, installed }, level) => {
      const { writer } = await installed(
        `create table orders (id int primary key, cust text); insert into orders values (1, 'AB'), (2, 'AB')`,
        {
          orders: moves('cust'),
        },
      );
      const other = await appUser();
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

  test('writers that take accounts in opposite orders never wait for each other because of us', async ({ appUser, installed }) => {
    const { writer } = await installed(`create table orders (id int primary key, cust text)`, { orders: moves('cust') });
    const other = await appUser();
    await writer.query('begin');
    await other.query('begin');
    await writer.query(`insert into orders values (1, 'AB')`);
    await other.query(`insert into orders values (2, 'CD')`);
    await writer.query(`insert into orders values (3, 'CD')`);
    await other.query(`insert into orders values (4, 'AB')`);
    await writer.query('commit');
    await other.query('commit');
  });

  test('a publication of all tables is named at preflight', async ({ owner, open, grant }) => {
    await owner.query('create table orders (id int primary key, cust text); create publication everything for all tables');
    await grant();
    expect((await open(planOf({ orders: moves('cust') })).probe()).problems).toEqual([
      expect.stringContaining('Publication everything publishes all tables'),
    ]);
  });
});
