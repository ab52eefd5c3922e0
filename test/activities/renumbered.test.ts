import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { crmTable, erpTable, inLegacy } from '../support/arena/people.ts';
import { endBack, nextRun, startBench, storePlan, type Bench } from './bench.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** Gives a customer of legacy another number, with its orders, as an administrator does: a new row, and the old one is gone. */
async function renumber(from: string, to: string): Promise<void> {
  for (const statement of [
    `insert into customers select (jsonb_populate_record(c, '{"customer_id": "${to}"}')).* from customers c where customer_id = '${from}'`,
    `update orders set customer_id = '${to}' where customer_id = '${from}'`,
    `delete from customers where customer_id = '${from}'`,
  ])
    await inLegacy(bench.business, 'admin', statement);
}

/** What the CRM shows of the customer whatever its number, and the parties of the ERP under either. */
async function outside(
  ...numbers: readonly string[]
): Promise<{ readonly pointers: readonly string[]; readonly parties: readonly string[] }> {
  const accounts = (await crmTable(bench.business, 'Account')).filter(({ Name }) => String(Name).startsWith('Rattlesnake'));
  const parties = (await erpTable(bench.business, 'party.party')).filter(({ code }) => numbers.includes(String(code)));
  return {
    pointers: accounts.map(({ BookOfRecord__c }) => String(BookOfRecord__c)),
    parties: parties.map(({ code, id }) => `${String(code)} erp:${String(id)}`),
  };
}

const open = async ({ ledger, ref }: Bench): Promise<readonly string[]> =>
  (await ledger.exceptions.openOf(ref.run)).map(({ object, sourceId, kind, message }) => `${object} ${sourceId} ${kind}: ${message}`);

/** Whom the CRM account stands for by the ledger: rows that stand, and those that hold it. */
const claims = async ({ ledger, ref }: Bench): Promise<readonly string[]> => {
  const { scope } = await ledger.runs.get(ref.run);
  const rows = await ledger.crosswalk.bySource(scope ?? '', 'crmAccount', ['RATTC', 'RATT2']);
  return rows.map(({ sourceId, state }) => `${sourceId} ${state}`);
};

/** The customer under its new number is the one whom the CRM account shows, and nobody else is. */
async function isHandedOver(run: Bench): Promise<void> {
  const { pointers, parties } = await outside('RATTC', 'RATT2');
  expect(parties).toEqual([expect.stringMatching(/^RATT2 /)]);
  expect(pointers).toEqual([parties[0]?.split(' ')[1]]);
  expect(await claims(run)).toEqual(['RATT2 live']);
}

test('a customer that got another number between two runs takes over the CRM account of the number that is gone', async () => {
  bench = await startBench({ waves: 2 });
  await bench.bringIn('pilot');
  await endBack(bench, ['pilot']);
  await renumber('RATTC', 'RATT2');
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  const renamed = (plan: Record<string, unknown>): void => void (plan['pilot'] = { name: 'pilot', accounts: ['ALFKI', 'ERNSH', 'RATT2'] });
  const later = await nextRun(bench, 2, await storePlan(bench.ledger, folder, { waves: 2, plan: renamed }, 2));
  const pilot = await later.bringIn('pilot');
  expect(await open(later)).toEqual([]);
  await later.switchOver(pilot);
  await isHandedOver(later);
});

test('a customer that gets another number while a run is under way takes over the CRM account too, and nothing is open about the old number', async () => {
  bench = await startBench({ waves: 2 });
  const pilot = await bench.bringIn('pilot');
  await renumber('RATTC', 'RATT2');
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await bench.switchOver(pilot);
  const last = await bench.bringIn('east');
  await bench.switchOver(last);
  expect(await open(bench)).toEqual([]);
  await isHandedOver(bench);
});

test('a customer of the last wave that gets another number is loaded under it by the same wave, its open orders with it', async () => {
  bench = await startBench({ waves: 2 });
  await bench.switchOver(await bench.bringIn('pilot'));
  const last = await bench.bringIn('east');
  await renumber('SIMOB', 'SIMO2');
  for (let times = 0; times < 2; times += 1) {
    await bench.act.stageDelta(last);
    await bench.load(last);
  }
  expect(await open(bench)).toEqual([]);
  const parties = async (): Promise<readonly unknown[]> =>
    (await erpTable(bench.business, 'party.party')).map(({ code }) => code).filter((code) => String(code).startsWith('SIMO'));
  expect(await parties()).toEqual(['SIMO2']);
  await bench.takeBack(last);
  expect([await bench.act.finishUndo(last), await parties()]).toMatchObject([{ state: 'rolledBack' }, []]);
  await bench.act.beginAttempt(bench.wave('east', 2));
  await bench.switchOver(await bench.bringIn('east', 2));
  expect([await open(bench), await parties()]).toEqual([[], ['SIMO2']]);
});
