import { expect, test } from 'vitest';
import { emptyFields } from '../../records/required.ts';

test('a required field is empty without a value, blank, or as a list without entries', () => {
  const fields = { name: null, code: '  ', lines: [], street: 'Main', active: false, count: 0, notes: ['x'] };
  expect(emptyFields(['name', 'code', 'lines', 'street', 'active', 'count', 'notes', 'missing'], fields)).toEqual([
    'name',
    'code',
    'lines',
    'missing',
  ]);
});
