import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { SourcePort } from '../../contracts/source.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { fence, legacyPlan, nextOrder, ownedByRole, startLegacy } from './sql-legacy.ts';
import type { Legacy } from './sql-legacy.ts';

const plan = { ...legacyPlan, freeze: 'grants' as const };
let server: LocalPostgres;
let legacy: Legacy;
let port: SourcePort;
let writer: Client;
let owner: Client;

beforeAll(async () => {
  server = await startPostgres();
  legacy = await startLegacy(server, ['ERNSH', 'RATTC']);
  owner = await legacy.owner();
  await owner.query(ownedByRole);
  await owner.query(`
    create role reporting;
    grant insert, select on orders to reporting with grant option;
  `);
  port = legacy.open(plan);
  await port.install(nextOrder());
  writer = await legacy.appUser();
});
afterAll(async () => {
  await legacy.stop();
  await server.stop();
});

const order = (wave: string) => ({
  accounts: ['ERNSH'],
  ...fence(wave),
  leaseMs: 60_000,
  reason: 'change of ERP',
  contact: 'the help desk',
});
const enterOrder = (client: Client, id: number): Promise<unknown> =>
  client.query(`insert into orders (order_id, customer_id, employee_id, order_date, freight) values ($1, 'RATTC', 1, now(), 0)`, [id]);
const grants = async (): Promise<unknown> =>
  (
    await owner.query('select relname, relacl::text[] from pg_class where relname in ($1, $2, $3) order by 1', [
      'customers',
      'orders',
      'order_details',
    ])
  ).rows;

test('its capabilities say that it freezes everybody and that a person ends it', () => {
  expect(port.capabilities.freeze).toEqual({ granularity: 'system', leaseEndedBy: 'person' });
});

test('the probe asks for membership in the tables’ owner, and is content once it is there', async () => {
  expect((await port.probe()).problems).toEqual([]);
  await owner.query('revoke northwind_owner from cutover_runner');
  expect((await port.probe()).problems).toEqual(
    ['customers', 'orders', 'order_details'].map((table) => expect.stringContaining(`cannot revoke rights on table ${table}`)),
  );
  await owner.query('grant northwind_owner to cutover_runner');
});

test('a freeze waits for open writers, refuses everybody afterwards, and a thaw gives back exactly what was there', async () => {
  const before = await grants();
  await writer.query('begin');
  await enterOrder(writer, 1);
  let done = false;
  const freezing = port.freeze(order('pilot')).then(() => {
    done = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(done).toBe(false);
  await writer.query('commit');
  await freezing;
  await expect(enterOrder(writer, 2)).rejects.toMatchObject({ code: '42501' });
  await port.freeze(order('east'));
  await port.thaw(['ERNSH'], fence());
  await expect(enterOrder(writer, 2)).rejects.toMatchObject({ code: '42501' });
  await port.thaw(['ERNSH'], fence('east'));
  await enterOrder(writer, 2);
  expect(await grants()).toEqual(before);
});

test('a freeze does not end with its lease, and holds no longer once someone was given writing rights', async () => {
  await port.freeze({ ...order('pilot'), leaseMs: 50 });
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

test('without triggers there is no change feed, and it says so rather than telling of no changes', async () => {
  await expect(port.changesSince('0')).rejects.toMatchObject({ kind: 'unsupported' });
});
