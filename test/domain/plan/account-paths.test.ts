import { expect, test } from 'vitest';
import { checkAccountPaths } from '../../../domain/plan/checks/account-paths.ts';
import { fieldRuleSchema } from '../../../domain/plan/mapping.ts';
import { columnsOf, sqlSystemSchema } from '../../../domain/plan/systems.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const problems = (tables: object): string[] => {
  const system = sqlSystemSchema.parse({ adapter: 'sql', rounding: 'halfUp', tables, queries: {} });
  return checkAccountPaths({ ...samplePlan(), systems: { erp: system, files: { adapter: 'archive' } } }).map(
    ({ path, message }) => `${path.join('/')}: ${message}`,
  );
};
const orders = { disposition: 'move', account: { column: 'customer' } };
const lines = (column: unknown, key: unknown, table = 'orders') => ({
  disposition: 'move',
  account: { column, lookup: { table, key, account: 'customer' } },
});

test('a lookup by one column or by several, through a guarded parent in whatever spelling, is fine', () => {
  expect(problems({ orders, lines: lines('order_id', 'id') })).toEqual([]);
  expect(problems({ orders, lines: lines(['company', 'order_id'], ['company', 'id'], 'public.orders') })).toEqual([]);
  expect(problems({ Invoices: { disposition: 'move' }, 'sales."odd.name"': { disposition: 'drop' } })).toEqual([]);
});

test('as many columns as the key has are asked for', () => {
  expect(problems({ orders, lines: lines('order_id', ['company', 'id']) })).toEqual([
    'systems/erp/tables/lines/account: 1 columns cannot be compared with a key of 2.',
  ]);
});

test.each([
  { lines: lines('order_id', 'id') },
  { orders: { disposition: 'move' }, lines: lines('order_id', 'id') },
  { orders: { disposition: 'move', account: { column: 'payer' } }, lines: lines('order_id', 'id') },
  { orders: lines('order_id', 'id', 'other'), lines: lines('order_id', 'id'), other: orders },
])('a parent that is not guarded by the account column itself is refused', (tables) => {
  expect(problems(tables)).toContain(
    'systems/erp/tables/lines/account/lookup: Rows find their account through table "orders", which is not guarded by its own column "customer".',
  );
});

test('one table under two spellings is refused', () => {
  expect(problems({ orders, 'public.orders': { disposition: 'drop' } })).toEqual([
    'systems/erp/tables/public.orders: Table "public.orders" stands here already as "orders".',
  ]);
});

test('a zone is one that the machine knows', () => {
  const zoned = (zone: string) => fieldRuleSchema.safeParse({ from: 'entered', as: 'date', zone }).success;
  expect([zoned('Europe/Paris'), zoned('Europe/Atlantis')]).toEqual([true, false]);
});

test('one column or several are a list of columns', () => {
  expect([columnsOf('id'), columnsOf(['company', 'id'])]).toEqual([['id'], ['company', 'id']]);
});
