import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../ledger/database.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

let own: OwnLedger;
let admin = '';
beforeAll(async () => {
  own = await ownLedger();
  admin = own.adminUrl;
});
afterAll(() => own.drop());

const executed = (name: string): Promise<unknown> =>
  askDatabase(admin, [`insert into kysely_migration values ('${name}', '2099-01-01T00:00:00.000Z')`]);

test('a release accepts a ledger that a later one has migrated, and changes nothing there', async () => {
  await executed('9999-later');
  await migrate(admin);
  const [rows] = await askDatabase(admin, [`select max(name) as last from kysely_migration`]);
  expect(rows?.[0]).toEqual({ last: '9999-later' });
});

test('a ledger with an unknown migration among the known ones, or that lacks a known one, is refused', async () => {
  await executed('0001-other');
  await expect(migrate(admin)).rejects.toThrow('corrupted migrations');
  await askDatabase(admin, [`delete from kysely_migration where name in ('0001-other', '0013-budget')`]);
  await expect(migrate(admin)).rejects.toThrow('corrupted migrations');
});
