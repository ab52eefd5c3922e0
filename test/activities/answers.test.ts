import { expect, test } from 'vitest';
import { complete } from '../../activities/effects/answers.ts';
import type { Intended } from '../../activities/effects/intended.ts';
import type { RowOutcome } from '../../contracts/adapter.ts';

const sent = (id: string, targetId: string | null = null): Intended => ({
  effect: {
    ...{ id, system: 'erp', object: 'customer', targetObject: 'party', sourceId: id, operation: targetId === null ? 'create' : 'update' },
    ...{ revision: 1, contentHash: 'one', fields: {}, before: null, targetId, origin: null, undoes: null },
  },
  stamp: null,
});
const said = (effectId: string, id: string): RowOutcome => ({ effectId, outcome: 'applied', id });
const outcomes = (rows: readonly RowOutcome[]) => rows.map(({ outcome }) => outcome);

test('a reply with an id that two rows name says nothing about these two, and the others keep what it says', () => {
  const rows = [sent('a'), sent('b'), sent('c')];
  expect(outcomes(complete(rows, [said('a', '7'), said('b', '8'), said('c', '7')]))).toEqual(['unknown', 'applied', 'unknown']);
});

test('a row that was answered with another record than it was sent to is unknown', () => {
  expect(outcomes(complete([sent('a', '7'), sent('b', '8')], [said('a', '9'), said('b', '8')]))).toEqual(['unknown', 'applied']);
});

test('a reply that lacks rows, or has them in another order, says nothing about any of them', () => {
  const rows = [sent('a'), sent('b')];
  expect(outcomes(complete(rows, [said('a', '7')]))).toEqual(['unknown', 'unknown']);
  expect(outcomes(complete(rows, [said('b', '7'), said('a', '8')]))).toEqual(['unknown', 'unknown']);
});
