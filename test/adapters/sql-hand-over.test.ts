import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { startPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { fence, legacyPlan, nextOrder, ownedByRole, startLegacy, type Legacy } from './sql-legacy.ts';

let server: LocalPostgres;
let legacy: Legacy;
let owner: Client;

const order = { accounts: ['ERNSH'], reason: 'change of ERP', contact: 'the help desk' };
const ours = async (): Promise<unknown> =>
  (
    await owner.query(
      `select (select count(*)::int from pg_trigger where tgname like '%cutover%') as triggers, (select count(*)::int from pg_namespace where nspname = 'cutover') as schemas`,
    )
  ).rows[0];
const gone = { triggers: 0, schemas: 0 };

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  legacy = await startLegacy(server, ['ERNSH', 'RATTC']);
  owner = await legacy.owner();
  await owner.query('grant insert, update, delete on customers, orders, order_details to legacy_app');
  await legacy.port.install(nextOrder());
  await legacy.port.freeze({ ...order, ...fence(), leaseMs: 60_000 });
  await legacy.port.seal(['ERNSH'], fence());
});
afterEach(() => legacy.stop());

test('while a legacy user can write, the seal stays and that user is named', async () => {
  const before = await ours();
  expect(await legacy.port.handOver(nextOrder())).toEqual(['legacy_app']);
  expect(await ours()).toEqual(before);
  const writer = await legacy.appUser();
  await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject({ code: 'ZC002' });
});

test('a right on a single column, or one that everybody has, is a right to write', async () => {
  await owner.query('revoke insert, update, delete on customers, orders, order_details from legacy_app');
  await owner.query('grant update (freight) on orders to legacy_app');
  expect(await legacy.port.handOver(nextOrder())).toEqual(['legacy_app']);
  await owner.query('revoke update (freight) on orders from legacy_app');
  await owner.query('grant delete on order_details to public');
  expect(await legacy.port.handOver(nextOrder())).toContain('legacy_app');
  await owner.query('revoke delete on order_details from public');
});

test('once nobody can write, everything of ours is gone, legacy stays closed, and a repetition changes nothing', async () => {
  await owner.query('revoke insert, update, delete on customers, orders, order_details from legacy_app');
  expect(await legacy.port.handOver(nextOrder())).toEqual([]);
  expect(await legacy.port.handOver(nextOrder())).toEqual([]);
  expect(await ours()).toEqual(gone);
  const writer = await legacy.appUser();
  await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject({ code: '42501' });
});

test('where the freeze itself took the rights away, the close leaves them away', async () => {
  await legacy.port.thaw(['ERNSH'], fence());
  await legacy.port.uninstall(nextOrder());
  await owner.query(ownedByRole);
  const port = legacy.open({ ...legacyPlan, freeze: 'grants' });
  await port.install(nextOrder());
  await port.freeze({ ...order, ...fence(), leaseMs: 60_000 });
  await port.seal(['ERNSH'], fence());
  expect(await port.handOver(nextOrder())).toEqual([]);
  expect(await ours()).toEqual(gone);
  const writer = await legacy.appUser();
  await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject({ code: '42501' });
});
