import { describe, expect, test } from 'vitest';
import { worsened, type GateFacts } from '../../../domain/gates/worse.ts';
import { completeness } from '../../../domain/waves/completeness.ts';

const nothing = { count: 0, money: {} };
const equation = (count: number): GateFacts['equations'][number] =>
  completeness({
    object: 'order',
    source: { count, money: { net: '1.00', freight: '2.00' } },
    created: { count, money: { net: '1.00', freight: '2.00' } },
    matched: nothing,
    archived: nothing,
    left: nothing,
    exceptions: nothing,
    rounding: {},
  });
type Limit = GateFacts['limits'][number];
const limit = (metric: Limit['metric'], verdict: Limit['verdict']): Limit => ({ metric, value: 0, max: 0, verdict, detail: '' });
const facts: GateFacts = {
  of: { run: 'cutover/northwind/1', gate: 'switch-pilot', waveAttempt: 1 },
  takenBack: null,
  limits: [limit('unexplained', 'pass'), limit('mismatchRate', 'inconclusive')],
  exceptions: ['customer QUEEN: twoMatches'],
  equations: [equation(3)],
  pointsOfNoReturn: ['a confirmed sale'],
  plan: 'p',
  env: 'e',
};

describe('what voids votes', () => {
  test('the same facts do not', () => {
    expect(worsened(facts, structuredClone(facts), true)).toBeNull();
  });

  test('a limit that passed and no longer does; one that had not passed may stay so or get better', () => {
    const limits = [limit('unexplained', 'inconclusive')];
    expect(worsened(facts, { ...facts, limits }, false)).toBe('no longer within their limits: unexplained');
    const better = [limit('unexplained', 'pass'), limit('mismatchRate', 'pass')];
    expect(worsened(facts, { ...facts, limits: better }, false)).toBeNull();
    expect(worsened({ ...facts, limits: better }, facts, false)).toBe('no longer within their limits: mismatchRate');
  });

  test('a new exception; one that was settled does not', () => {
    const more = [...facts.exceptions, 'order 1: refused'];
    expect(worsened(facts, { ...facts, exceptions: more }, false)).toBe('new exceptions: order 1: refused');
    expect(worsened(facts, { ...facts, exceptions: [] }, false)).toBeNull();
    const many = Array.from({ length: 100_000 }, (_, index) => `order ${String(index)}: refused`);
    expect(worsened(facts, { ...facts, exceptions: many }, false)).toMatch(
      /^new exceptions: order 0: refused; .*order 19: refused; and 99980 more$/,
    );
  });

  test('a new point of no return', () => {
    const pointsOfNoReturn = [...facts.pointsOfNoReturn, 'a sent invoice'];
    expect(worsened(facts, { ...facts, pointsOfNoReturn }, false)).toBe('new points of no return: a sent invoice');
    expect(worsened(facts, { ...facts, pointsOfNoReturn: [] }, false)).toBeNull();
  });

  test('a record that the plan leaves in the source; one that is gone does not', () => {
    const equations = facts.equations.map((one) => ({
      ...one,
      lines: one.lines.map((line) => (line.label === 'left' ? { ...line, keys: ['LATE'] } : line)),
    }));
    expect(worsened(facts, { ...facts, equations }, false)).toBe('left in the source by the plan: order LATE');
    expect(worsened({ ...facts, equations }, facts, false)).toBeNull();
  });

  test('another plan or env', () => {
    expect(worsened(facts, { ...facts, plan: 'q' }, false)).toMatch(/other documents/);
    expect(worsened(facts, { ...facts, env: 'f' }, false)).toMatch(/other documents/);
  });

  test('totals that moved behind a freeze; where business goes on they may move', () => {
    const equations = [equation(4)];
    expect(worsened(facts, { ...facts, equations }, true)).toMatch(/^totals moved behind the freeze: order: source 4/);
    expect(worsened(facts, { ...facts, equations }, false)).toBeNull();
  });
});
