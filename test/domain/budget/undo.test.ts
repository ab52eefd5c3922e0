import { describe, expect, test } from 'vitest';
import { callsToUndo, undoBatchSize, type UndoPace } from '../../../domain/budget/undo.ts';

describe('how many records go into one write of a rollback', () => {
  const pace: UndoPace = { batchSize: 200, paces: { update: { batchSize: 25 }, activate: { batchSize: 10 } }, undo: { '*': 'restore' } };

  test('is what the target takes of the operation by which they are taken back', () => {
    expect(undoBatchSize(pace)).toBe(25);
    expect(undoBatchSize({ ...pace, undo: { active: 'delete' } })).toBe(200);
  });

  test('is the fewest, where the state of a record decides how it is taken back', () => {
    expect(undoBatchSize({ ...pace, undo: { active: 'delete', inactive: 'restore' } })).toBe(25);
    const marked = { ...pace, paces: { annotate: { batchSize: 7 } } };
    expect(undoBatchSize({ ...marked, undo: { draft: 'delete', done: 'impossible' } })).toBe(7);
  });
});

describe('the calls that taking records back needs', () => {
  test('are those of whole batches, and of one for each wave that is not full, twice', () => {
    expect(callsToUndo([{ records: 2_002, batchSize: 25 }], 10, 5)).toBe(2 * (81 + 9) * 5);
    expect(
      callsToUndo(
        [
          { records: 25, batchSize: 25 },
          { records: 26, batchSize: 25 },
        ],
        1,
        4,
      ),
    ).toBe(2 * (1 + 2) * 4);
  });

  test('are none where there is nothing, and no more batches than records', () => {
    expect(callsToUndo([{ records: 0, batchSize: 25 }], 10, 5)).toBe(0);
    expect(callsToUndo([{ records: 2, batchSize: 25 }], 10, 5)).toBe(2 * 2 * 5);
  });
});
