import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReportData } from '../../contracts/report.ts';
import type { Business } from '../../scripts/dev/business.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { crmTable, CrmPerson, erpTable, inLegacy } from '../support/arena/people.ts';
import { filled, paste, statusOf } from '../support/arena/pasted.ts';
import { useArena } from '../support/arena/scenario.ts';

const arena = useArena();

/** While one wave is frozen, everybody else goes on in legacy, and a lead lands in the CRM. */
async function goOnWorking(business: Business): Promise<void> {
  await expect(inLegacy(business, 'app', `update orders set freight = freight where customer_id = 'SIMOB'`)).rejects.toThrow(
    /moving to the new ERP/,
  );
  await inLegacy(
    business,
    'app',
    `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
    select 20001, customer_id, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT' from customers where customer_id = 'BONAP'`,
  );
  await inLegacy(business, 'app', `insert into order_details values (20001, 1, 18.0000, 3, 0.05)`);
  const lead = await (await CrmPerson.enter(business)).postLead('Visitor');
  expect((await crmTable(business, 'Lead')).map(({ Id }) => Id)).toContain(lead);
}

test('carries the plan to its end by the commands that status itself suggests, and nothing else: every open order once in the target, confirmed, the CRM pointing at it, legacy sealed', async () => {
  const driver = await arena.open('forward');
  const { business } = driver;
  const { folder } = arena.stack();
  await driver.start();
  const seen = new Set<number>();
  const seenAt = new Set<string>();
  let shown = await statusOf(driver);
  for (const until = Date.now() + 480_000; shown.standing !== 'done' && Date.now() < until; shown = await statusOf(driver)) {
    seen.add(shown.code);
    if (shown.waiting?.gate === 'switch-east' && !seenAt.has('switch-east')) {
      expect(shown.waiting.shut).toEqual([]);
      await goOnWorking(business);
    }
    seenAt.add(shown.waiting?.gate ?? '');
    const role = shown.waiting?.missing[0];
    // A decision may find its gate decided since the status was read: then the next status says how it goes on.
    const said = role === undefined ? null : await paste(driver, folder, filled(shown.next, role)).catch(() => null);
    if (said !== null) expect(said).toMatch(/^Accepted/);
    // Each look is a process: the next one is worth it once somebody is waited for, or the run has ended.
    else await driver.until('somebody is waited for', ({ waiting, end }) => waiting !== null || end !== null);
  }
  expect(shown).toMatchObject({ standing: 'done', code: 0 });
  expect(shown.headline).toMatch(/^Closed at .* nobody is waited for\./);
  expect(seen).toContain(3);
  expect([...seen].every((code) => code === 3 || code === 5)).toBe(true);
  await paste(driver, folder, `${shown.next} --out ${join(folder, 'forward-report')}`);
  const report = JSON.parse(await readFile(join(folder, 'forward-report', 'report.json'), 'utf8')) as ReportData;
  expect(report.state).toBe('closed');
  expect(report.gates.filter(({ state }) => state === 'go').map(({ gate }) => gate)).toEqual([
    'baseline',
    'switch-pilot',
    'switch-east',
    'switch-west',
    'close',
  ]);
  const whole = (report.gates.at(-1)?.equations ?? []).filter(({ object }) => !object.startsWith('table '));
  expect(whole.map(({ object, balanced }) => [object, balanced])).toEqual([
    ['product', true],
    ['customer', true],
    ['order', true],
  ]);

  expect((await erpTable(business, 'sale.sale')).map(({ reference }) => reference)).toContain('20001');
  await expectClosed(business, { created: 12 });
  const leads = (await crmTable(business, 'Lead')).map(({ LastName }) => LastName);
  expect(leads).toEqual(['Visitor']);

  await driver.keepHistories('closed');
});
