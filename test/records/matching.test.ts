import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareRecords, matchVerdict, normalizeText, phoneDigits } from '../../records/matching.ts';

describe('normalizing', () => {
  test.each([
    ['  Blondesddsl  PÈRE & fils ', 'blondesddsl pere fils'],
    ['Blondesddsl pere et fils', 'blondesddsl pere et fils'],
    ['Bólido Comidas preparadas', 'bolido comidas preparadas'],
    ['Königlich Essen', 'koniglich essen'],
    ['Straße 5', 'strasse 5'],
    ['Smørrebrød', 'smorrebrod'],
    ["B's Beverages", 'b s beverages'],
    ['１２３', '123'],
    ['!?', ''],
  ])('"%s" is compared as "%s"', (text, expected) => {
    expect(normalizeText(text)).toBe(expected);
  });

  test('is done once and for all', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => normalizeText(normalizeText(text)) === normalizeText(text)));
  });

  test('a phone number is its digits', () => {
    expect(phoneDigits('(5) 555-4729')).toBe(phoneDigits('5 5554729'));
    expect(phoneDigits('none')).toBe('');
  });
});

describe('the verdict on candidates', () => {
  test('none creates, one is taken over, two are for a person', () => {
    expect(matchVerdict([])).toEqual({ verdict: 'create' });
    expect(matchVerdict([{ id: '7' }])).toEqual({ verdict: 'matched', id: '7' });
    expect(matchVerdict([{ id: '8' }, { id: '7' }])).toEqual({ verdict: 'ambiguous', ids: ['7', '8'] });
  });

  test('one that was found twice counts once', () => {
    expect(matchVerdict([{ id: '7' }, { id: '7' }])).toEqual({ verdict: 'matched', id: '7' });
  });

  test('depends on which records were found, not on how often or in which order', () => {
    const candidates = fc.array(fc.record({ id: fc.constantFrom('1', '2', '3') }));
    fc.assert(
      fc.property(candidates, (found) => {
        const verdict = matchVerdict(found);
        expect(matchVerdict([...found, ...found].reverse())).toEqual(verdict);
        expect(verdict.verdict).toBe((['create', 'matched'] as const)[new Set(found.map(({ id }) => id)).size] ?? 'ambiguous');
      }),
    );
  });

  test('one more candidate never makes a match out of an ambiguity', () => {
    const candidates = fc.array(fc.record({ id: fc.constantFrom('1', '2', '3') }));
    fc.assert(
      fc.property(
        candidates,
        fc.string(),
        (found, id) => matchVerdict(found).verdict !== 'ambiguous' || matchVerdict([...found, { id }]).verdict === 'ambiguous',
      ),
    );
  });
});

test('records are compared in what the mapping would write', () => {
  const seen = { net: '25937.4', terms: '4', number: 'S-1', lines: [{ quantity: '2', amount: '4.00' }] };
  expect(compareRecords({ net: '25937.40', terms: '5', lines: [{ quantity: '2.0' }] }, seen)).toEqual(['terms']);
  expect(compareRecords({ net: '1', terms: '5' }, seen, ['net'])).toEqual(['terms']);
});
