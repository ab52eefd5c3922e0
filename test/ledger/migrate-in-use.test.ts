import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../ledger/database.ts';
import { TablesInUse } from '../../ledger/while-in-use.ts';
import { askDatabase, withConnection } from '../../scripts/dev/sql.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

/** What is undone, and done again by each test: a migration that changes the table of gates. */
const again = ['0020-asked', '0021-new-business', '0022-places'];
let own: OwnLedger;
beforeAll(async () => {
  own = await ownLedger();
});
afterAll(() => own.drop());

/** A ledger of the release before, while a transaction reads its gates for as long as `use` takes; `end` ends it. */
async function whileRead(use: (end: () => Promise<unknown>) => Promise<void>): Promise<void> {
  await askDatabase(own.adminUrl, [
    'alter table gate drop column if exists asked_ms',
    'alter table step drop column if exists asked_ms, drop column if exists asked_by',
    'drop table if exists business_part, place',
    `delete from kysely_migration where name in ('${again.join("', '")}')`,
  ]);
  await withConnection(own.url, async (reader) => {
    await reader.query('begin; select 1 from gate');
    await use(() => reader.query('commit'));
  });
}

/** Whether somebody waits for a lock in the ledger. */
async function somebodyWaits(): Promise<boolean> {
  const [rows = []] = await askDatabase(own.adminUrl, [
    `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  ]);
  return rows.length > 0;
}

test('a migration that waits for a long transaction lets others go on meanwhile, and comes about once that has ended', async () => {
  await whileRead(async (end) => {
    const migrating = migrate(own.adminUrl);
    while (!(await somebodyWaits())) await new Promise((resolve) => setTimeout(resolve, 20));
    // A worker that asks for the same table behind it.
    await askDatabase(own.url, [`set statement_timeout = '15s'`, 'select 1 from gate']);
    await end();
    expect(await migrating).toEqual(again);
  });
}, 60_000);

test('a migration that others do not let through says who holds the tables, and has changed nothing', async () => {
  await whileRead(async () => {
    const failed: unknown = await migrate(own.adminUrl, 4_000).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(TablesInUse);
    expect((failed as Error).message).toMatch(
      /^Transactions of others kept the tables of the ledger in use for 4 s, so nothing was changed\. The oldest is that of session \d+, of user \w+, since \d+ s\.$/,
    );
    const [rows] = await askDatabase(own.adminUrl, [`select 1 from kysely_migration where name = '${String(again[0])}'`]);
    expect(rows).toEqual([]);
  });
}, 60_000);
