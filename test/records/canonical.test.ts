import { describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { FieldValue } from '../../contracts/fields.ts';
import { canonicalText, contentHash, documentHash, effectId } from '../../records/canonical.ts';

const values = fc.jsonValue({ stringUnit: 'binary' }).filter((value) => JSON.stringify(value).isWellFormed()) as fc.Arbitrary<FieldValue>;
const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

describe('the canonical text of a record', () => {
  test('does not depend on the order of fields', () => {
    expect(canonicalText({ b: 1, a: { d: null, c: true } })).toBe(canonicalText({ a: { c: true, d: null }, b: 1 }));
  });

  test('tells apart what looks alike', () => {
    const different: FieldValue[] = [
      ['ab', 'c'],
      ['a', 'bc'],
      [['a'], 'bc'],
      'abc',
      '1',
      1,
      true,
      'true',
      false,
      null,
      'n',
      '',
      [],
      {},
      [null],
      { '': null },
      { a: '1:b' },
      { 'a1:b': '' },
      ['1', '2'],
      ['12'],
      [[], []],
      [[[]]],
    ];
    expect(new Set(different.map(canonicalText)).size).toBe(different.length);
  });

  test('is the same for equal values and for no others', () => {
    const normal = (value: FieldValue): string =>
      JSON.stringify(value, (_, item: unknown) =>
        typeof item === 'object' && item !== null && !Array.isArray(item)
          ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
          : item,
      );
    fc.assert(fc.property(values, values, (a, b) => (canonicalText(a) === canonicalText(b)) === (normal(a) === normal(b))));
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udc00': 1 }])('refuses %j, which has no exact form', (value) => {
    expect(() => canonicalText(value)).toThrow(RangeError);
  });

  test('is hashed by SHA-256', () => {
    expect(contentHash({ a: 'é' })).toBe(sha256(canonicalText({ a: 'é' })));
  });
});

describe('the id of an effect', () => {
  test('is the SHA-256 of its parts, each with its length before it', () => {
    expect(effectId(['pilot', 1, 'ALFKI'])).toBe(sha256('5:pilot1:15:ALFKI'));
  });

  test('differs where parts are cut differently', () => {
    expect(effectId(['ab', 'c'])).not.toBe(effectId(['a', 'bc']));
    expect(effectId(['1:a'])).not.toBe(effectId(['1', 'a']));
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.array(fc.string()),
        (a, b) => (effectId(a) === effectId(b)) === (JSON.stringify(a) === JSON.stringify(b)),
      ),
    );
  });
});

describe('the hash of a document', () => {
  test('is that of its RFC 8785 form', () => {
    expect(documentHash({ numbers: [333333333.33333329, 1e30, 4.5, 2e-3], string: '€$\u000f\nA' })).toBe(
      sha256('{"numbers":[333333333.3333333,1e+30,4.5,0.002],"string":"€$\\u000f\\nA"}'),
    );
    expect(documentHash({ b: 1, a: undefined })).toBe(sha256('{"b":1}'));
  });

  test.each([[undefined], [() => 1], [Number.NaN], ['\ud800']])('is refused for %p', (value) => {
    expect(() => documentHash(value)).toThrow(RangeError);
  });
});
