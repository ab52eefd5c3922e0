import { expect, test } from '@jest/globals';
import { pauseBeforeAttempt } from '../../../domain/waves/pause.ts';

test('the pause before an attempt doubles with each attempt, up to 32 times the first', () => {
  expect([0, 1, 2, 3, 6, 7, 28].map((tried) => pauseBeforeAttempt(1_000, tried))).toEqual([
    1_000, 1_000, 2_000, 4_000, 32_000, 32_000, 32_000,
  ]);
});
