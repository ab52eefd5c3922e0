import { expect, test } from 'vitest';
import { pauseBeforeAttempt, triedOutText } from '../../../domain/waves/pause.ts';

test('the pause before an attempt doubles with each attempt, up to 32 times the first', () => {
  expect([0, 1, 2, 3, 6, 7, 28].map((tried) => pauseBeforeAttempt(1_000, tried))).toEqual([
    1_000, 1_000, 2_000, 4_000, 32_000, 32_000, 32_000,
  ]);
});

test('a wave that was tried often enough, switched or not, is told with what mends it and what a resume allows', () => {
  expect(triedOutText('cutover/sample/1', 'east', 3)).toBe(
    'wave east has been tried 3 times, as often as maxAttempts of the retry gates allows; mend the cause for which it was taken back, then a resume allows one attempt more; or take the whole run back: cutover rollback cutover/sample/1 --scope run',
  );
  expect(triedOutText('cutover/sample/1', 'east', 1)).toContain('wave east has been tried once, as often');
});
