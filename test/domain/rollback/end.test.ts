import { expect, test } from 'vitest';
import { endOfRollback, unendedStatuses, type Unended } from '../../../domain/rollback/end.ts';

const effect: Unended = {
  ...{ id: 'one', object: 'order', sourceId: '7', system: 'erp', operation: 'create', status: 'applied', isTold: false },
};

test('all was taken back only where no effect is without an end and nothing that outlives it is open', () => {
  expect(endOfRollback([], 0)).toEqual({ end: 'rolledBack', left: [], told: [] });
  expect(endOfRollback([], 1)).toEqual({ end: 'rolledBackWithExceptions', left: [], told: [] });
});

test('what stands, or may stand, is left with its reason, and one exception tells each record that none names yet', () => {
  const second: Unended = { ...effect, id: 'two', operation: 'update', status: 'unknown' };
  const other: Unended = { ...effect, id: 'three', sourceId: '8', isTold: true };
  const { end, left, told } = endOfRollback([effect, second, other], 0);
  expect(end).toBe('rolledBackWithExceptions');
  expect(left.map(({ id, reason }) => [id, reason])).toEqual([
    ['one', 'Kept: the rollback ended without taking back our create of it in erp; look at it there.'],
    ['two', 'Kept: the rollback ended before it was known whether erp had done our update of it; look at it there.'],
    ['three', 'Kept: the rollback ended without taking back our create of it in erp; look at it there.'],
  ]);
  expect(told.map(({ id }) => id)).toEqual(['two']);
});

test('an effect that an undo brought to its end, or that was never done, is none of them', () => {
  expect([...unendedStatuses].sort()).toEqual(['applied', 'intended', 'unchanged', 'unknown']);
});
