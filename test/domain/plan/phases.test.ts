import { expect, test } from 'vitest';
import { mayEnterPhase, phases } from '../../../domain/plan/phases.ts';

test('a run never goes back to a phase it has left, and a rollback may follow any', () => {
  for (const [index, phase] of phases.entries()) {
    for (const [other, from] of phases.entries()) expect(mayEnterPhase(from, phase)).toBe(index >= other);
    expect(mayEnterPhase(phase, 'rollback')).toBe(true);
    expect(mayEnterPhase('rollback', phase)).toBe(false);
  }
  expect(mayEnterPhase('ended', 'rollback')).toBe(false);
});
