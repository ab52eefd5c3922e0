import { describe, expect, test } from 'vitest';
import { planReserveProblem, reserveOf, reserveProblem } from '../../../domain/budget/reserve.ts';
import { freshWindow, recounted } from '../../../domain/budget/window.ts';
import { waitsOf } from '../../../domain/budget/standing.ts';
import { lengthText, usageText, waitingText } from '../../../domain/budget/words.ts';

const noon = Date.UTC(2026, 10, 27, 12);

describe('why calls wait', () => {
  test('is told with the share, the limit and the time', () => {
    const window = recounted(freshWindow(100_000, 86_400_000, 0.1), noon, { used: 81_900, limit: 100_000, atMs: noon, counted: 0 });
    const why = usageText(window, noon);
    expect(why).toBe('81 % of 100,000 calls in 24 h used');
    expect(waitingText({ system: 'crm', why, untilMs: noon + 7_499_001 }, noon)).toBe(`crm: ${why}, goes on at 14:05 UTC`);
  });

  test('is told to the second where it is short, and with the date where it is long', () => {
    const text = (waitMs: number): string => waitingText({ system: 'crm', why: 'asked', untilMs: noon + waitMs }, noon);
    expect(text(2_001)).toBe('crm: asked, goes on at 12:00:03 UTC');
    expect(text(600_001)).toBe('crm: asked, goes on at 12:11 UTC');
    expect(text(43_260_000)).toBe('crm: asked, goes on at 2026-11-28 00:01 UTC');
  });

  test('tells the length of a window in a unit that fits it', () => {
    expect([86_400_000, 300_000, 10_000, 1_500].map(lengthText)).toEqual(['24 h', '5 m', '10 s', '1,500 ms']);
  });
});

test('a limit tells which kinds of calls would have to wait now, and until when', () => {
  const window = recounted(freshWindow(10_000, 9_600_000, 0.1), 0, { used: 8_950, limit: 10_000, atMs: 0, counted: 0 });
  expect(waitsOf(window, 0)).toEqual([
    { kind: 'verification', untilMs: 100_000 },
    { kind: 'load', untilMs: 100_000 },
  ]);
});

describe('the reserve', () => {
  const asked = { system: 'crm', limit: 15_000, reserve: 0.1, applied: 300, wave: 100, calls: 1_200, appliedCalls: 900 };

  test('is what the plan says; else a tenth of a long window, and nothing of one that soon refills', () => {
    expect([reserveOf({ reserve: 0.3 }, 1_000), reserveOf({}, 3_600_000), reserveOf(undefined, 3_599_999)]).toEqual([0.3, 0.1, 0]);
  });

  test('covers taking back what is written and the wave that begins', () => {
    expect(reserveProblem(asked)).toBeNull();
    expect(reserveProblem({ ...asked, wave: 0, applied: 0, calls: 0, reserve: 0 })).toBeNull();
  });

  test('that does not is refused with the figures and what to do', () => {
    expect(reserveProblem({ ...asked, wave: 700, calls: 3_000 })).toBe(
      'crm: taking back the 300 records written so far and the 700 of this wave could need 3,020 calls, and 1,500 of 15,000 are reserved for it. Raise systems.crm.budget.reserve in the plan to 0.202, or move fewer accounts with the wave.',
    );
    expect(reserveProblem({ ...asked, wave: 9_700, calls: 30_000 })).toBe(
      'crm: taking back the 300 records written so far and the 9,700 of this wave could need 30,020 calls, and 1,500 of 15,000 are reserved for it. No reserve can hold that: move fewer accounts with the wave, or have the limit of crm raised.',
    );
  });

  test('covers taking back the whole plan, or is refused before anything is written', () => {
    const plan = { system: 'crm', limit: 15_000, reserve: 0.1, records: 2_002, calls: 1_480 };
    expect(planReserveProblem(plan)).toBeNull();
    expect(planReserveProblem({ ...plan, records: 0, reserve: 0 })).toBeNull();
    expect(planReserveProblem({ ...plan, calls: 1_481 })).toBe(
      'crm: taking back all 2,002 records of the plan could need 1,501 calls, and 1,500 of 15,000 are reserved for it. Raise systems.crm.budget.reserve in the plan to 0.101, or have the limit of crm raised.',
    );
    expect(planReserveProblem({ ...plan, calls: 20_000 })).toMatch(/ No reserve can hold that: have the limit of crm raised\.$/);
  });

  test('that is too small for what is written already is not helped by a smaller wave, and the refusal does not say so', () => {
    const written = { ...asked, appliedCalls: 1_481 };
    expect(reserveProblem({ ...written, calls: 3_000 })).toMatch(
      / Raise systems\.crm\.budget\.reserve in the plan to 0\.202, or have the limit of crm raised\.$/,
    );
    expect(reserveProblem({ ...written, calls: 30_000 })).toMatch(/ No reserve can hold that: have the limit of crm raised\.$/);
    expect(reserveProblem({ ...written, appliedCalls: 1_480, calls: 3_000 })).toMatch(/or move fewer accounts with the wave\.$/);
  });
});
