import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { changedFields, fieldsEqual, pickFields, unmetFields, type PlainFields } from '../../../domain/effects/fields.ts';

const values = fc.letrec<{ value: PlainFields[string]; fields: PlainFields }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value')), tie('fields')),
  fields: fc.dictionary(fc.string(), tie('value'), { noNullPrototype: true }),
}));

describe('comparing whole records', () => {
  test('decimals compare by value, other texts as they stand', () => {
    const decimals = ['price', 'lines.price'];
    expect(fieldsEqual({ price: '1.50' }, { price: '1.5' }, { decimals })).toBe(true);
    expect(fieldsEqual({ price: '1.50' }, { price: '1.51' }, { decimals })).toBe(false);
    expect(fieldsEqual({ price: '0E-8' }, { price: '0' }, { decimals })).toBe(true);
    expect(fieldsEqual({ price: 'n/a' }, { price: 'none' }, { decimals })).toBe(false);
    expect(fieldsEqual({ price: '1' }, { price: 'none' }, { decimals })).toBe(false);
    expect(fieldsEqual({ lines: [{ price: '2.0' }] }, { lines: [{ price: '2' }] }, { decimals: ['lines[].price'] })).toBe(true);
  });

  test('texts that look like numbers are texts: 1.10 is another release than 1.1, 01067 another place than 1067', () => {
    for (const [one, other] of [
      ['1.10', '1.1'],
      ['01067', '1067'],
      ['3', '3.0'],
      ['1.x', '1.y'],
      ['0E-8', '0'],
    ] as const) {
      expect(fieldsEqual({ code: one }, { code: other }, { decimals: ['price'] })).toBe(false);
      expect(unmetFields({ code: one }, { code: other })).toEqual(['code']);
    }
  });

  test('a text is not a number, and a list is not a record', () => {
    expect(fieldsEqual({ a: '3' }, { a: 3 })).toBe(false);
    expect(fieldsEqual({ a: [] }, { a: {} })).toBe(false);
    expect(fieldsEqual({ a: {} }, { a: null })).toBe(false);
    expect(fieldsEqual({ a: 'x' }, { a: {} })).toBe(false);
  });

  test('a missing field counts as null', () => {
    expect(fieldsEqual({ fax: null }, {})).toBe(true);
    expect(changedFields({ fax: '1' }, {})).toEqual(['fax']);
    expect(changedFields({}, { fax: '1' })).toEqual(['fax']);
  });

  test('changed fields are named in order', () => {
    expect(changedFields({ b: 1, a: 1, c: 1 }, { b: 2, a: 2, c: 1 })).toEqual(['a', 'b']);
  });

  test('nested records and lists compare by content and length', () => {
    const lines = [{ product: '1', quantity: '2' }];
    expect(fieldsEqual({ lines }, { lines: [{ product: '1', quantity: '2' }] })).toBe(true);
    expect(changedFields({ lines }, { lines: [...lines, ...lines] })).toEqual(['lines']);
    expect(changedFields({ lines }, { lines: [{ product: '1', quantity: '2', note: 'by hand' }] })).toEqual(['lines']);
  });

  test('volatile fields are never compared, inside lists either', () => {
    const before = { total: '1', lines: [{ id: 1, amount: '1', note: null }] };
    const after = { total: '2', lines: [{ id: 2, amount: '3', note: null }] };
    expect(changedFields(before, after, { volatile: ['total', 'lines[].id', 'lines.amount'] })).toEqual([]);
    expect(changedFields(before, after, { volatile: ['total', 'lines[].id'] })).toEqual(['lines']);
  });

  test('every record equals itself, and equality goes both ways', () => {
    fc.assert(
      fc.property(values.fields, values.fields, (a, b) => {
        expect(fieldsEqual(a, structuredClone(a))).toBe(true);
        expect(fieldsEqual(a, b)).toBe(fieldsEqual(b, a));
      }),
    );
  });
});

describe('comparing what was sent', () => {
  test('fields the system added are not looked at, inside lists either', () => {
    const sent = { party: '7', lines: [{ product: '1', quantity: '2' }] };
    const seen = { party: '7', number: 'S-1', lines: [{ product: '1', quantity: '2', amount: '4.00', id: 9 }] };
    expect(unmetFields(sent, seen)).toEqual([]);
  });

  test('a field that is not as sent is named, and so is a list with other entries', () => {
    expect(unmetFields({ party: '7', lines: [{}, {}] }, { party: '8', lines: [{}] })).toEqual(['lines', 'party']);
    expect(unmetFields({ lines: [{ a: '1' }] }, { lines: [null] })).toEqual(['lines']);
  });

  test('whatever was sent is met by itself with more around it', () => {
    fc.assert(fc.property(values.fields, (sent) => unmetFields(sent, { ...sent, ' added': 'x' }).length === 0));
  });
});

test('a pick has exactly the names asked for', () => {
  expect(pickFields({ a: 1, b: 2 }, ['b', 'c'])).toEqual({ b: 2, c: null });
});
