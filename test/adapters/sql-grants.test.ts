import { expect } from 'vitest';
import type { Client } from 'pg';
import { fence, legacyPlan, nextOrder, order, ownedByRole, twoAccounts } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres(async (server) => {
  const legacy = await twoAccounts(server);
  await legacy.owner.query(ownedByRole);
  await legacy.owner.query(`
    do $$ begin if to_regrole('reporting') is null then create role reporting; end if; end $$;
    grant insert, select on orders to reporting with grant option;
  `);
  const port = legacy.open({ ...legacyPlan, freeze: 'grants' });
  await port.install(nextOrder());
  return { ...legacy, port, writer: await legacy.appUser() };
});

const enterOrder = (client: Client, id: number): Promise<unknown> =>
  client.query(`insert into orders (order_id, customer_id, employee_id, order_date, freight) values ($1, 'RATTC', 1, now(), 0)`, [id]);
const addFreight = (client: Client): Promise<unknown> =>
  client.query(`update orders set freight = freight + 1 where customer_id = 'RATTC'`);
const refused = { code: '42501' };
/** Every right on the tables of the business and on their columns. */
const grants = async (owner: Client): Promise<unknown> =>
  (
    await owner.query(`select c.relname, c.relacl::text[], a.attname, a.attacl::text[] from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by c.relname, a.attnum`)
  ).rows;

test('the probe asks for membership in the tables’ owner, and is content once it is there', async ({ port, owner }) => {
  expect((await port.probe()).problems).toEqual([]);
  await owner.query('revoke northwind_owner from cutover_runner');
  expect((await port.probe()).problems).toEqual(
    ['customers', 'orders', 'order_details'].map((table) => expect.stringContaining(`cannot revoke rights on table ${table}`)),
  );
  await owner.query('grant northwind_owner to cutover_runner');
});

test('a freeze waits for open writers, refuses everybody afterwards, and a thaw gives back exactly what was there', async ({
  port,
  owner,
  writer,
}) => {
  const before = await grants(owner);
  await writer.query('begin');
  await enterOrder(writer, 1);
  let done = false;
  const freezing = port.freeze(order()).then(() => {
    done = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(done).toBe(false);
  await writer.query('commit');
  await freezing;
  await expect(enterOrder(writer, 2)).rejects.toMatchObject(refused);
  await port.freeze(order(fence('east')));
  await port.thaw(['ERNSH'], fence());
  await expect(enterOrder(writer, 2)).rejects.toMatchObject(refused);
  await port.thaw(['ERNSH'], fence('east'));
  await enterOrder(writer, 2);
  expect(await grants(owner)).toEqual(before);
});

test('a freeze does not end with its lease, as its capabilities say, and holds no longer once someone was given writing rights', async ({
  port,
  owner,
}) => {
  expect(port.capabilities.freeze).toEqual({ granularity: 'system', leaseEndedBy: 'person' });
  await port.freeze(order({ leaseMs: 50 }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ sealed: false, holds: true }]);
  await expect(port.uninstall(nextOrder())).rejects.toMatchObject({ kind: 'conflict' });
  expect(await port.extend(fence(), 1_000)).toBe(true);
  await owner.query('grant insert on orders to legacy_app');
  expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ holds: false }]);
  await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({ kind: 'conflict' });
  await owner.query('revoke insert on orders from legacy_app');
  await port.seal(['ERNSH'], fence());
  expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ sealed: true, holds: true }]);
  await port.thaw(['ERNSH'], fence());
});

test('without triggers there is no change feed, and it says so rather than telling of no changes', async ({ port }) => {
  await expect(port.changesSince('0')).rejects.toMatchObject({ kind: 'unsupported' });
});

test('a right on a single column is taken away and given back', async ({ port, owner, writer }) => {
  await owner.query('revoke insert, update, delete on orders from legacy_app; grant update (freight) on orders to legacy_app');
  const before = await grants(owner);
  await port.freeze(order());
  await expect(addFreight(writer)).rejects.toMatchObject(refused);
  await port.seal(['ERNSH'], fence());
  await port.thaw(['ERNSH'], fence());
  await addFreight(writer);
  expect(await grants(owner)).toEqual(before);
});

test('a right on a partition alone is taken away and given back', async ({ open, owner, writer }) => {
  await owner.query(`create table returns (id int, customer_id text) partition by list (customer_id);
    create table returns_rattc partition of returns for values in ('RATTC');
    alter table returns owner to northwind_owner; alter table returns_rattc owner to northwind_owner;
    grant select on returns to cutover_runner; grant insert on returns_rattc to legacy_app`);
  const returns = { disposition: 'move', account: { column: 'customer_id' } } as const;
  const port = open({ ...legacyPlan, freeze: 'grants', tables: { ...legacyPlan.tables, returns } });
  const [before, entry] = [await grants(owner), `insert into returns_rattc values (1, 'RATTC')`];
  await port.freeze(order());
  await expect(writer.query(entry)).rejects.toMatchObject(refused);
  await port.seal(['ERNSH'], fence());
  await port.thaw(['ERNSH'], fence());
  await writer.query(entry);
  expect(await grants(owner)).toEqual(before);
});

test('whoever may write all data is named at preflight, and nothing is frozen or sealed that he could write to', async ({
  port,
  owner,
  writer,
}) => {
  await owner.query('revoke insert, update, delete on all tables in schema public from legacy_app; grant pg_write_all_data to legacy_app');
  try {
    expect((await port.probe()).problems).toEqual([expect.stringContaining('cannot keep legacy_app from writing, who may write all data')]);
    const named = { kind: 'conflict', message: expect.stringContaining('legacy_app could still write') };
    await expect(port.freeze(order())).rejects.toMatchObject(named);
    expect((await owner.query('select * from cutover.freeze')).rows).toEqual([]);
    await addFreight(writer);
    await owner.query('revoke pg_write_all_data from legacy_app');
    await port.freeze(order());
    await expect(addFreight(writer)).rejects.toMatchObject(refused);
    await owner.query('grant pg_write_all_data to legacy_app');
    await addFreight(writer);
    expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ holds: false }]);
    await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({ kind: 'conflict' });
  } finally {
    await owner.query('revoke pg_write_all_data from legacy_app');
  }
});
