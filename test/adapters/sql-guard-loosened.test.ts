import { describe, expect } from 'vitest';
import { emptyLegacy, moves, planOf } from './sql-empty.ts';
import { fence, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const frozen = { code: 'ZC001' };
const test = onEveryPostgres(emptyLegacy);

describe('a guard that somebody loosens', () => {
  test('a session in replica mode does not get past triggers that the owner lets fire always', async ({ owner, installed }) => {
    await owner.query(`do $$ begin if to_regrole('table_owner') is null then create role table_owner; end if; end $$`);
    await owner.query('grant table_owner to cutover_runner');
    try {
      await owner.query(`create table orders (id int primary key, cust text); alter table orders owner to table_owner`);
      const { port } = await installed(`insert into orders values (1, 'AB')`, { orders: moves('cust') });
      await port.freeze(order({ accounts: ['AB'] }));
      await owner.query('set session_replication_role = replica');
      await expect(owner.query('update orders set id = 2')).rejects.toMatchObject(frozen);
      await expect(owner.query('truncate orders')).rejects.toMatchObject(frozen);
    } finally {
      await owner.query('set session_replication_role = origin; revoke table_owner from cutover_runner');
    }
  });

  test('who but a superuser could write in replica mode is named at preflight and at the seal', async ({ owner, installed }) => {
    const { port } = await installed('create table orders (id int primary key, cust text)', { orders: moves('cust') });
    await port.freeze(order({ accounts: ['AB'] }));
    await owner.query('alter role legacy_app set session_replication_role = replica');
    try {
      const named = expect.stringContaining('session_replication_role = replica is set for role legacy_app');
      expect((await port.probe()).problems).toEqual([named]);
      await expect(port.seal(['AB'], fence())).rejects.toMatchObject({ kind: 'conflict', message: named });
    } finally {
      await owner.query('alter role legacy_app reset session_replication_role');
    }
  });

  test('triggers that the owner switched off and on again are found out at the seal', async ({ owner, installed }) => {
    const { port, writer } = await installed(`create table orders (id int primary key, cust text); insert into orders values (1, 'AB')`, {
      orders: moves('cust'),
    });
    await port.freeze(order({ accounts: ['AB'] }));
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
  ])('%s cannot be guarded, and preflight says so', async ({ owner, open, grant }, _kind, ddl) => {
    await owner.query(ddl);
    await grant();
    expect((await open(planOf({ orders: moves('cust') })).probe()).problems.join()).toContain('Table orders cannot be guarded');
  });
});
