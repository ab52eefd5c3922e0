import { expect, test } from 'vitest';
import { exceptionText, keyText, recordText } from '../../../domain/exceptions/key-text.ts';

test('a key that would run together with the words around it stands in quotation marks', () => {
  expect(['ALFKI', '2024/17-A', 'Müller & Co', 'a,b', 'x;y', 'no: 7', '(old)', 'say "hi"', ' ', ''].map(keyText)).toEqual([
    'ALFKI',
    '2024/17-A',
    '"Müller & Co"',
    '"a,b"',
    '"x;y"',
    '"no: 7"',
    '"(old)"',
    '"say \\"hi\\""',
    '" "',
    '""',
  ]);
});

test('a record is named by its object and key', () => {
  expect([recordText({ object: 'order', sourceId: '11077' }), recordText({ object: 'customer', sourceId: 'B 12' })]).toEqual([
    'order 11077',
    'customer "B 12"',
  ]);
});

test('an exception is named by its record and kind', () => {
  expect(exceptionText({ object: 'customer', sourceId: 'B 12', kind: 'noMatch' })).toBe('customer "B 12": noMatch');
});
