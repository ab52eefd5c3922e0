import { expect } from 'vitest';
import type { Business } from '../../../scripts/dev/business.ts';
import { smallAccounts } from '../small-plan.ts';
import { crmTable, erpCreatesBy, erpTable, inLegacy, isErpPointer, returnedComment } from './people.ts';

/** What a scenario did beside the plain way, as far as it shows in the systems at the end. */
export interface Departures {
  /** Accounts that stay in legacy, with their orders. */
  readonly inLegacy?: readonly string[];
  /** References of sales that people made in the target. */
  readonly byPeople?: readonly string[];
  /** How many sales the runner created in all its attempts, canaries included, where the scenario makes that certain. */
  readonly created?: number;
}

/**
 * The end of every scenario, by the systems' own records: each open order of legacy once in the target and active there, nothing of it doubled and
 * nothing marked as returned; each account in one book, in the CRM and in legacy alike.
 */
export async function expectClosed(business: Business, { inLegacy: left = [], byPeople = [], created }: Departures = {}): Promise<void> {
  const moved = smallAccounts.filter((account) => !left.includes(account));
  const open = await inLegacy(business, 'admin', 'select order_id::text as id, customer_id from orders where shipped_date is null');
  const expected = open.filter(({ customer_id: account }) => moved.includes(String(account))).map(({ id }) => String(id));
  expect(expected.length).toBeGreaterThan(0);
  const sales = await erpTable(business, 'sale.sale');
  expect(references(sales)).toEqual([...expected, ...byPeople].sort());
  const ours = sales.filter(({ reference }) => !byPeople.includes(String(reference)));
  expect(new Set(ours.map(({ state }) => state))).toEqual(new Set(['processing']));
  expect(ours.filter(({ comment }) => comment === returnedComment)).toEqual([]);
  for (const document of ['account.invoice', 'stock.shipment.out']) expect(await erpTable(business, document)).toEqual([]);
  if (created !== undefined) expect((await erpCreatesBy(business, 'cutover'))['sale.sale']).toBe(created);
  await expectBooks(business, moved, left);
}

/** The references of these sales, in order. */
export function references(sales: readonly Record<string, unknown>[]): readonly string[] {
  return sales.map(({ reference }) => String(reference)).sort();
}

/** Each moved account is one party, the CRM points at it, and legacy refuses to change it; each other one is open in legacy and nowhere else. */
async function expectBooks(business: Business, moved: readonly string[], left: readonly string[]): Promise<void> {
  const parties = await erpTable(business, 'party.party');
  const accounts = await crmTable(business, 'Account');
  const change = (account: string): Promise<unknown> =>
    inLegacy(business, 'app', `update customers set phone = phone where customer_id = '${account}'`);
  for (const code of moved) {
    const [party, ...doubles] = parties.filter((candidate) => candidate['code'] === code);
    expect([code, typeof party?.['id'], doubles]).toEqual([code, 'number', []]);
    const pointers = accounts.filter(({ AccountNumber }) => AccountNumber === code).map((account) => account['BookOfRecord__c']);
    expect([code, pointers]).toEqual([code, [`erp:${String(party?.['id'])}`]]);
    await expect(change(code)).rejects.toThrow(/moved to the new system for good/);
  }
  for (const code of left) {
    expect(parties.filter((party) => party['code'] === code)).toEqual([]);
    const pointers = accounts.filter(({ AccountNumber }) => AccountNumber === code).map((account) => account['BookOfRecord__c']);
    expect(pointers.filter(isErpPointer)).toEqual([]);
    await change(code);
  }
}

/** The documents that a rollback had to leave, by the target's own records: these and no others, each marked so that nobody ships it. */
export async function expectReturned(business: Business, orders: readonly string[]): Promise<void> {
  const marked = (await erpTable(business, 'sale.sale')).filter(({ comment }) => comment === returnedComment);
  expect(references(marked)).toEqual([...orders].sort());
}
