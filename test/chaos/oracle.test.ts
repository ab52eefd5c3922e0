import { expect, test } from 'vitest';
import type { Entered, Picture } from './random/judged.ts';
import { faultsOf } from './random/oracle.ts';
import { scheduleOf } from './random/schedule.ts';

const comment = 'returned to legacy, do not ship';
const nobody: Entered = { orders: [], phones: new Map(), parties: [], names: new Map(), sales: [], touched: new Set() };

/** One account that moved, with one order. */
const moved: Picture = {
  accounts: [{ account: 'A', isOpen: false, phone: '1', pointers: ['erp:7'] }],
  orders: [{ id: '10', account: 'A', lines: 1 }],
  products: [{ code: 'FREIGHT' }],
  parties: [{ id: 7, code: 'A', name: 'Alpha', 'contact_mechanisms.': [{ type: 'phone', value: '1' }] }],
  sales: [{ reference: '10', state: 'processing', comment: null, 'lines.': [{ product: 1 }] }],
};
/** The same account in legacy, after a way back that had to leave its sale. */
const back: Picture = {
  ...moved,
  accounts: [{ account: 'A', isOpen: true, phone: '1', pointers: ['legacy:A'] }],
  sales: [{ reference: '10', state: 'processing', comment }],
};
const [account, party, sale] = [moved.accounts[0]!, moved.parties[0]!, moved.sales[0]!];

test('an account that moved whole, and one that came back whole, are as they must be', () => {
  expect(faultsOf(moved, nobody, 'closed')).toEqual([]);
  expect(faultsOf(back, nobody, 'rolledBack')).toEqual([]);
  expect(faultsOf({ ...back, sales: [], parties: [] }, nobody, 'rolledBack')).toEqual([]);
  expect(faultsOf(back, { ...nobody, touched: new Set(['A']) }, 'closed')).toEqual([]);
});

test.each<[string, Picture, 'closed' | 'rolledBack', string]>([
  ['a doubled order', { ...moved, sales: [sale, sale] }, 'closed', 'order 10 is in the target 2 times'],
  ['a lost order', { ...moved, sales: [] }, 'closed', 'order 10 of a moved account is not in the target'],
  ['an order that is a draft', { ...moved, sales: [{ ...sale, state: 'draft' }] }, 'closed', 'not active in the target: draft'],
  ['a lost line', { ...moved, sales: [{ ...sale, 'lines.': [] }] }, 'closed', 'order 10 has 1 lines in legacy and 0 in the target'],
  ['an order marked as returned', { ...moved, sales: [{ ...sale, comment }] }, 'closed', 'not active in the target'],
  ['a sale of nobody', { ...moved, sales: [sale, { reference: '99' }] }, 'closed', "sale 99 is nobody's"],
  ['a doubled party', { ...moved, parties: [party, { ...party, id: 8 }] }, 'closed', 'party A is there 2 times'],
  ['a lost party', { ...moved, parties: [] }, 'closed', 'has no party'],
  ['a pointer to another party', { ...moved, accounts: [{ ...account, pointers: ['erp:8'] }] }, 'closed', 'does not point to its party'],
  ['a moved account without a pointer', { ...moved, accounts: [{ ...account, pointers: [] }] }, 'closed', 'does not point to its party'],
  ['a lost phone', { ...moved, parties: [{ ...party, 'contact_mechanisms.': [] }] }, 'closed', 'the phone of account A did not move'],
  ['an account that stayed', back, 'closed', 'account A did not move'],
  ['an account that did not come back', moved, 'rolledBack', 'account A is closed in legacy'],
  ['a pointer that did not come back', { ...back, accounts: [{ ...account, isOpen: true }] }, 'rolledBack', 'the CRM points to the target'],
  ['an order open in two books', { ...back, sales: [sale] }, 'rolledBack', 'open in legacy and active in the target'],
  ['a draft left behind', { ...back, sales: [{ ...sale, state: 'draft' }] }, 'rolledBack', 'stands in the target as draft'],
  ['a party left behind', { ...back, sales: [] }, 'rolledBack', 'its party is still in the target though nothing needs it'],
  ['products left behind', { ...back, sales: [], products: [{ code: 'P1' }] }, 'rolledBack', 'products are still in the target'],
  ['a doubled product', { ...moved, products: [{ code: 'P1' }, { code: 'P1' }] }, 'closed', 'product P1 is there more than once'],
])('the oracle sees %s', (_what, picture, end, sentence) => {
  expect(faultsOf(picture, nobody, end).join('\n')).toContain(sentence);
});

test.each<[string, Partial<Entered>]>([
  ['an order entered in legacy', { orders: ['11'] }],
  ['a phone entered in legacy', { phones: new Map([['A', '2']]) }],
  ['a party entered in the target', { parties: ['PERSON-1'] }],
  ['a sale entered in the target', { sales: ['PHONE-1'] }],
  ['a name entered in the target', { names: new Map([['A', 'Beta']]) }],
])('the oracle sees that %s is lost', (_what, entered) => {
  expect(faultsOf(moved, { ...nobody, ...entered }, 'closed')).toHaveLength(1);
});

test('a seed draws the same schedule each time, and another seed another one', () => {
  expect(scheduleOf(5, { restarts: true })).toEqual(scheduleOf(5, { restarts: true }));
  expect(scheduleOf(5, { restarts: true })).not.toEqual(scheduleOf(6, { restarts: true }));
  const drawn = Array.from({ length: 60 }, (_, seed) => scheduleOf(seed, { restarts: true }));
  expect(new Set(drawn.map(({ ending }) => ending)).size).toBe(3);
  expect(new Set(drawn.flatMap(({ steps }) => steps.map(({ act }) => act.kind))).size).toBe(17);
});
