import { expect } from 'vitest';
import type { Client } from 'pg';
import { fence, legacyPlan, nextOrder, order, ownedByRole, twoAccounts } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres(async (server) => {
  const legacy = await twoAccounts(server);
  await legacy.owner.query('grant insert, update, delete on customers, orders, order_details to legacy_app');
  await legacy.port.install(nextOrder());
  await legacy.port.freeze(order());
  await legacy.port.seal(['ERNSH'], fence());
  return legacy;
});

const ours = async (owner: Client): Promise<unknown> =>
  (
    await owner.query(
      `select (select count(*)::int from pg_trigger where tgname like '%cutover%') as triggers, (select count(*)::int from pg_namespace where nspname = 'cutover') as schemas`,
    )
  ).rows[0];
const gone = { triggers: 0, schemas: 0 };

test('while a legacy user can write, the seal stays and that user is named', async ({ port, owner, appUser }) => {
  const before = await ours(owner);
  expect(await port.handOver(nextOrder())).toEqual(['legacy_app']);
  expect(await ours(owner)).toEqual(before);
  const writer = await appUser();
  await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject({ code: 'ZC002' });
});

test('a right on a single column, or one that everybody has, is a right to write', async ({ port, owner }) => {
  await owner.query('revoke insert, update, delete on customers, orders, order_details from legacy_app');
  await owner.query('grant update (freight) on orders to legacy_app');
  expect(await port.handOver(nextOrder())).toEqual(['legacy_app']);
  await owner.query('revoke update (freight) on orders from legacy_app');
  await owner.query('grant delete on order_details to public');
  expect(await port.handOver(nextOrder())).toContain('legacy_app');
  await owner.query('revoke delete on order_details from public');
});

test('once nobody can write, everything of ours is gone, legacy stays closed, and a repetition changes nothing', async ({
  port,
  owner,
  appUser,
}) => {
  await owner.query('revoke insert, update, delete on customers, orders, order_details from legacy_app');
  expect(await port.handOver(nextOrder())).toEqual([]);
  expect(await port.handOver(nextOrder())).toEqual([]);
  expect(await ours(owner)).toEqual(gone);
  const writer = await appUser();
  await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject({ code: '42501' });
});

test('where the freeze itself took the rights away, the close leaves them away', async ({ port: triggers, owner, appUser, open }) => {
  await triggers.thaw(['ERNSH'], fence());
  await triggers.uninstall(nextOrder());
  await owner.query(ownedByRole);
  const port = open({ ...legacyPlan, freeze: 'grants' });
  await port.install(nextOrder());
  await port.freeze(order());
  await port.seal(['ERNSH'], fence());
  expect(await port.handOver(nextOrder())).toEqual([]);
  expect(await ours(owner)).toEqual(gone);
  const writer = await appUser();
  await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject({ code: '42501' });
});
