import { expect, test } from 'vitest';
import { durationSchema, parseDurationMs } from '../../../domain/clock/duration.ts';

test.each([
  ['250ms', 250],
  ['10s', 10_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['0s', 0],
])('%s is %d ms', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
  expect(durationSchema.parse(text)).toBe(expected);
});

test.each(['', '10', '1.5h', '-1s', '10 s', '1y', '1234567s'])('"%s" is refused with what to write instead', (text) => {
  expect(parseDurationMs(text)).toBeNull();
  expect(durationSchema.safeParse(text).error?.issues[0]?.message).toBe(
    `"${text}" is not a duration; write a whole number and one of ms, s, m, h, d, w, for example 10s or 2w`,
  );
});
