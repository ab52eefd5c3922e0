import { expect, test } from '@jest/globals';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { erpCreates, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

test('hands the seals over at the close once IT has taken the legacy users’ rights away, and a second run leaves nothing behind either', async () => {
  const driver = await arena.open('handover', { waves: 2 });
  const { business } = driver;
  const ours = (): Promise<unknown> =>
    inLegacy(
      business,
      'admin',
      `select (select count(*)::int from pg_trigger where tgname like '%cutover%') as triggers, (select count(*)::int from pg_namespace where nspname = 'cutover') as schemas`,
    );
  const write = (): Promise<unknown> => inLegacy(business, 'app', `update customers set phone = phone where customer_id = 'ALFKI'`);
  await driver.start();
  for (const gate of ['baseline', 'switch-pilot', 'switch-east']) await driver.pass(gate);
  await driver.atGate('close');
  await expect(write()).rejects.toThrow(/has moved to the new system for good/);
  await inLegacy(business, 'admin', 'revoke insert, update, delete on all tables in schema public from legacy_app');
  await driver.pass('close');
  expect(await driver.handle.result()).toMatch(/^closed; no legacy user can write any more/);
  expect(await ours()).toEqual([{ triggers: 0, schemas: 0 }]);
  await expect(write()).rejects.toThrow(/permission denied/);

  const [creates, before] = [await erpCreates(business), await erpTables(business)];
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('close');
  expect(await driver.handle.result()).toMatch(/^closed; no legacy user can write any more/);
  expect(await erpCreates(business)).toEqual(creates);
  expect(differences(before, await erpTables(business))).toEqual([]);
  expect(await ours()).toEqual([{ triggers: 0, schemas: 0 }]);
});
