import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { matchVerdict } from '../../records/matching.ts';

describe('the verdict on candidates', () => {
  test('none creates, one is taken over, two are for a person', () => {
    expect(matchVerdict([])).toEqual({ verdict: 'create' });
    expect(matchVerdict([{ id: '7' }])).toEqual({ verdict: 'matched', record: { id: '7' } });
    expect(matchVerdict([{ id: '8' }, { id: '7' }])).toEqual({ verdict: 'ambiguous', ids: ['7', '8'] });
  });

  test('one that was found twice counts once', () => {
    expect(matchVerdict([{ id: '7' }, { id: '7' }])).toEqual({ verdict: 'matched', record: { id: '7' } });
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
