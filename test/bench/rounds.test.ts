import { describe, expect, test } from 'vitest';
import { sizesOf } from '../../scripts/bench/bench.ts';
import type { Figures } from '../../scripts/bench/figures.ts';
import { speedOf } from '../../scripts/bench/figures.ts';
import { parseStat } from '../../scripts/bench/measure/processes.ts';
import { readOptions, WrongUse } from '../../scripts/bench/options.ts';
import { orderOf, ratios, spreadOf } from '../../scripts/bench/rounds.ts';
import { summary } from '../../scripts/bench/table.ts';
import { topology } from '../../scripts/bench/topology.ts';
import { progress } from '../../scripts/bench/progress.ts';
import { w8 } from '../../scripts/bench/w8.ts';

test('the order of a round is the other way round in the next', () => {
  expect([1, 2, 3, 4].map((round) => orderOf(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'cba', 'abc', 'cba']);
});

describe('ratios', () => {
  const figures = [
    { contestant: 'ours', round: 1, figure: 50 },
    { contestant: 'theirs', round: 1, figure: 100 },
    { contestant: 'ours', round: 2, figure: 30 },
    { contestant: 'theirs', round: 2, figure: 30 },
  ];

  test('compare figures of the same round only', () => {
    expect(ratios(figures, 'ours', 'theirs')).toEqual([0.5, 1]);
  });

  test('leave out a round in which the other was wrong or absent', () => {
    expect(ratios([...figures, { contestant: 'ours', round: 3, figure: 9 }], 'ours', 'theirs')).toEqual([0.5, 1]);
    expect(
      ratios(
        figures.map((one) => (one.contestant === 'theirs' ? { ...one, figure: 0 } : one)),
        'ours',
        'theirs',
      ),
    ).toEqual([]);
  });
});

test('the median of an even number of figures is between the two in the middle', () => {
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([])).toBeNull();
});

test('a wrong round has no speed', () => {
  expect(speedOf({ records: 100, trouble: null }, 2, null)).toBe(50);
  expect(speedOf({ records: 100, trouble: null }, 2, '1 missing')).toBe(0);
});

const of = (contestant: string, round: number, speed: number): Figures => ({
  ...{
    contestant,
    round,
    speed,
    wrong: null,
    load: 0,
    seconds: 1,
    rowsWritten: null,
    rssMb: 1,
    blockMs: 0,
    sourceToVerified: null,
    notes: [],
    loadSeconds: null,
    verifySeconds: null,
    hotSpots: [],
    more: {},
  },
  span: { from: 0, to: 1 },
  cpu: { runner: speed, postgres: 0, temporal: null, target: 0 },
  database: { statements: 0, transactionControl: 0, walBytes: 0, top: [] },
});

test('the warm-up is in no figure of a summary', () => {
  const all = [of('cutover', 0, 1_000), of('script-full', 0, 1), of('cutover', 1, 10), of('script-full', 1, 40)];
  const { ratio, cpuRatio, speed } = summary(all, 'cutover');
  expect([ratio?.median, cpuRatio?.median, speed?.max]).toEqual([0.25, 0.25, 10]);
});

test('the efficiency of several workers is their speed against as many times that of one, in the same round', () => {
  const rounds = [
    [of('one-worker', 0, 1), of('two-workers', 0, 900), of('four-workers', 0, 900)],
    [of('one-worker', 1, 100), of('two-workers', 1, 190), of('four-workers', 1, 320)],
    [of('four-workers', 2, 400), of('two-workers', 2, 210), of('one-worker', 2, 100)],
  ];
  expect(w8.last(rounds.flat(), { records: 1, batch: 1, concurrency: 1, answerMs: 1, quota: null, trouble: null })).toBe(
    'w8: efficiency2=1.00 efficiency4=0.90',
  );
});

test('the server of production is compared with the dev server in the same round', () => {
  const rounds = [
    of('on-postgres', 0, 1),
    of('dev-server', 1, 100),
    of('on-postgres', 1, 80),
    of('on-postgres', 2, 90),
    of('dev-server', 2, 100),
  ];
  const figures = rounds.map((figure) => ({ ...figure, more: { longestHistory: 40 + figure.round } }));
  expect(topology.last(figures, { records: 1, batch: 1, concurrency: 1, answerMs: 1, quota: null, trouble: null })).toBe(
    'topology: ratio=0.850 longestHistory=42',
  );
});

test('the rounds are counted in which the time left was told within three tenths', () => {
  const figures = [9, 0.1, 0.3, 0.31].map((offBy, round) => ({ ...of('foretold', round, 1), more: { offBy } }));
  expect(progress.last(figures, { records: 1, batch: 1, concurrency: 1, answerMs: 1, quota: null, trouble: null })).toBe(
    'progress: within30=2/3',
  );
});

test('a process is read from /proc whatever its name', () => {
  const stat = '42 (a) b (c) S 7 42 42 0 -1 4194304 100 0 0 0 11 5 300 40 20 0 12 0 9000 1 1 1';
  expect(parseStat(stat)).toEqual({ pid: 42, parent: 7, own: 16, ended: 340 });
});

describe('the command line of the bench', () => {
  const known = { workloads: ['w1'], contestants: ['script-full', 'cutover'] };

  test('plays every workload where none is named', () => {
    expect(readOptions([], known)).toMatchObject({ workloads: ['w1'], rounds: 5, only: null, sizes: { records: null, answerMs: null } });
  });

  test('gives a workload its usual number of records and its usual answer time where nothing is said', () => {
    expect(sizesOf({ records: 7 }, readOptions([], known)).records).toBe(7);
    expect(sizesOf({ records: 7 }, readOptions(['--records', '9'], known)).records).toBe(9);
    expect(sizesOf({ records: 7 }, readOptions([], known)).answerMs).toBe(50);
    expect(sizesOf({ records: 7, answerMs: 200 }, readOptions([], known)).answerMs).toBe(200);
    expect(sizesOf({ records: 7, answerMs: 200 }, readOptions(['--answer-ms', '0'], known)).answerMs).toBe(0);
  });

  test.each([
    [['w9'], /There is no workload "w9"\. There are: w1/],
    [['--only', 'dbos'], /There is no contestant "dbos"/],
    [['--records', 'many'], /--records is a whole number/],
    [['--rounds', '0'], /--rounds is a whole number of at least 1/],
    [['--fast'], /--fast/],
  ])('refuses %j in words that help', (args, words) => {
    expect(() => readOptions(args, known)).toThrow(WrongUse);
    expect(() => readOptions(args, known)).toThrow(words);
  });
});
