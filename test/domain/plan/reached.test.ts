import { expect, test } from 'vitest';
import { phases } from '../../../domain/plan/phases.ts';
import { hasPassed } from '../../../domain/plan/reached.ts';

test('a run has passed the phases before the one it stands in', () => {
  expect(phases.filter((asked) => hasPassed('parallelRun', asked))).toEqual(['preflight', 'configurationFreeze', 'finalExport', 'pilot']);
  expect(phases.filter((asked) => hasPassed('preflight', asked))).toEqual([]);
});

test.each(['rollback', 'ended'] as const)('a run in %s has passed them all', (phase) => {
  expect(phases.every((asked) => hasPassed(phase, asked))).toBe(true);
});
