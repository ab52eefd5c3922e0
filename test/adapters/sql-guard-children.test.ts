import { describe, expect } from 'vitest';
import { emptyLegacy, moves, planOf } from './sql-empty.ts';
import { fence, nextOrder, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const frozen = { code: 'ZC001' };
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const test = onEveryPostgres(emptyLegacy);

describe('partitions and tables that inherit', () => {
  const partitioned = `create table orders (id int, cust text, part int, primary key (id, part)) partition by list (part);
    create table orders_1 partition of orders for values in (1); create table orders_2 partition of orders for values in (2);
    insert into orders values (1, 'AB', 1), (2, 'CD', 1), (3, 'CD', 2)`;

  test('partitions: their rows, a row that moves between them, TRUNCATE of one, and one that comes later', async ({ owner, installed }) => {
    const { port, writer } = await installed(partitioned, { orders: moves('cust') });
    await port.freeze(order({ accounts: ['AB'] }));
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

  test('a freeze waits for a writer into a partition that was attached while it waited', async ({ owner, appUser, installed }) => {
    const { port, writer } = await installed(
      `${partitioned}; create table elsewhere (id int); create table orders_3 (id int not null, cust text, part int not null)`,
      { orders: moves('cust') },
    );
    await owner.query('grant all on orders_3, elsewhere to public');
    const early = await appUser();
    for (const client of [writer, early]) await client.query('begin; insert into elsewhere values (1)');
    await writer.query(`update orders set id = 7 where id = 1`);
    const freezing = port.freeze(order({ accounts: ['AB'] }));
    let returned = false;
    const done = (): void => void (returned = true);
    void freezing.then(done, done);
    // By now it waits for the first.
    await pause(300);
    await owner.query('alter table orders attach partition orders_3 for values in (3)');
    // It began before the freeze, so it may still finish what it started.
    await early.query(`insert into orders_3 values (8, 'AB', 3)`);
    await writer.query('commit');
    await pause(300);
    expect(returned).toBe(false);
    await early.query('commit');
    await freezing;
    await expect(early.query(`insert into orders_3 values (9, 'AB', 3)`)).rejects.toMatchObject(frozen);
  });

  test('partitions on which the runner may not put a trigger are named before the installation, as PostgreSQL spells them', async ({
    owner,
    open,
    grant,
  }) => {
    await owner.query(`create schema "Sales"; create table "Sales"."Orders" (id int, cust text, part int, primary key (id, part)) partition by list (part);
      create table "Sales".orders_1 partition of "Sales"."Orders" for values in (1); create table "Sales".orders_2 partition of "Sales"."Orders" for values in (2)`);
    await grant();
    await owner.query('revoke trigger on "Sales".orders_1, "Sales".orders_2 from cutover_runner');
    const port = open(planOf({ 'Sales.Orders': moves('cust') }));
    expect((await port.probe()).problems).toEqual([
      expect.stringContaining(
        'may not put a trigger on tables "Sales".orders_1, "Sales".orders_2; run: grant trigger on "Sales".orders_1, "Sales".orders_2 to',
      ),
    ]);
    await owner.query('grant trigger on "Sales".orders_1, "Sales".orders_2 to cutover_runner');
    expect((await port.probe()).problems).toEqual([]);
    await port.install(nextOrder());
  });

  test('tables that inherit: their rows, TRUNCATE, and one that comes later is named at the seal', async ({ owner, installed }) => {
    const { port, writer } = await installed(
      `create table orders (id int primary key, cust text); create table old_orders (primary key (id)) inherits (orders);
       insert into old_orders values (1, 'AB'), (2, 'CD')`,
      { orders: moves('cust'), old_orders: { disposition: 'move' } },
    );
    const mark = await port.watermark();
    await writer.query('update old_orders set id = 3 where id = 2');
    expect(new Set((await port.changesSince(mark)).map(({ key }) => key))).toEqual(new Set(['2', '3']));
    await port.freeze(order({ accounts: ['AB'] }));
    await expect(writer.query('update old_orders set id = 9 where id = 1')).rejects.toMatchObject(frozen);
    await expect(owner.query('truncate old_orders')).rejects.toMatchObject(frozen);
    await owner.query('create table later () inherits (orders)');
    expect(await port.freezeStates(['AB'])).toMatchObject([{ holds: false }]);
    await expect(port.seal(['AB'], fence())).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('zz_cutover_guard on table later is missing'),
    });
  });
});
