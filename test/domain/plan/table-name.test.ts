import { expect, test } from 'vitest';
import fc from 'fast-check';
import { parseTableName, spellTableName, tableIn, tableNamePattern } from '../../../domain/plan/table-name.ts';

test.each([
  ['orders', null, 'orders'],
  ['Invoices', null, 'Invoices'],
  ['sales.Orders', 'sales', 'Orders'],
  ['"a.b"', null, 'a.b'],
  ['"a.b"."say ""hi"""', 'a.b', 'say "hi"'],
  ['sales."order"', 'sales', 'order'],
])('%s is schema %s, table %s', (name, schema, table) => {
  expect(parseTableName(name)).toEqual({ schema, table });
});

test('a table without a schema is in that of its system', () => {
  expect(tableIn('public', 'orders')).toEqual({ schema: 'public', table: 'orders' });
  expect(tableIn('public', 'sales.orders')).toEqual({ schema: 'sales', table: 'orders' });
});

test.each(['', '.', 'a.', '.b', 'a.b.c', '"a', 'a"b', '""'])('%j is no name', (name) => {
  expect(tableNamePattern.test(name)).toBe(false);
  expect(parseTableName(name)).toEqual({ schema: null, table: name });
});

test('whatever identifiers PostgreSQL allows, a name spelled is read back as it was', () => {
  const identifier = fc.string({ minLength: 1, maxLength: 63, unit: 'binary' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.option(identifier), identifier, (schema, table) => {
      const name = spellTableName({ schema, table });
      expect(tableNamePattern.test(name)).toBe(true);
      expect(parseTableName(name)).toEqual({ schema, table });
    }),
  );
});
