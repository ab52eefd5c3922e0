import type { Figures, Report } from './figures.ts';
import { recordsOf } from './sizes.ts';
import { ratios, spreadOf, type RoundFigure, type Spread } from './rounds.ts';

/** Whose speed and CPU all others are compared with. */
export const yardstick = 'script-full';

/** A contestant's figures over all timed rounds. */
export interface Summary {
  readonly contestant: string;
  readonly speed: Spread | null;
  readonly ratio: Spread | null;
  /** CPU of the runner against that of the yardstick. */
  readonly cpuRatio: Spread | null;
  /** Its speed against that of the load before it, where it is no load. */
  readonly ratioToLoad: Spread | null;
  readonly median: (of: (figures: Figures) => number | null) => number | null;
  /** What only this workload measures. */
  readonly more: (name: string) => Spread | null;
  readonly wrongRounds: number;
}

/** The speeds of all timed rounds. */
export function speedsOf(all: readonly Figures[]): readonly RoundFigure[] {
  return timedOf(all, ({ speed }) => speed);
}

function timedOf(all: readonly Figures[], of: (figures: Figures) => number): readonly RoundFigure[] {
  return all.filter(({ round }) => round > 0).map((one) => ({ contestant: one.contestant, round: one.round, figure: of(one) }));
}

/** Sums up a contestant. */
export function summary(all: readonly Figures[], contestant: string): Summary {
  const own = all.filter((figures) => figures.contestant === contestant && figures.round > 0);
  const runners = timedOf(all, ({ cpu }) => cpu.runner);
  return {
    contestant,
    speed: spreadOf(own.map(({ speed }) => speed)),
    ratio: spreadOf(ratios(speedsOf(all), contestant, yardstick)),
    cpuRatio: spreadOf(ratios(runners, contestant, yardstick)),
    ratioToLoad: spreadOf(
      own.flatMap(({ seconds, loadSeconds, wrong }) => (loadSeconds === null ? [] : [wrong === null ? loadSeconds / seconds : 0])),
    ),
    median: (of) => spreadOf(own.flatMap((figures) => of(figures) ?? []))?.median ?? null,
    more: (name) => spreadOf(own.flatMap((figures) => figures.more[name] ?? [])),
    wrongRounds: own.filter(({ wrong }) => wrong !== null).length,
  };
}

interface Column {
  readonly title: string;
  readonly digits: number;
  /** Its value in one round; the table shows the median. */
  readonly of: (figures: Figures, records: number) => number | null;
}

const columns: readonly Column[] = [
  { title: 'CPU s', digits: 2, of: ({ cpu }) => cpu.runner },
  { title: 'PostgreSQL CPU s', digits: 2, of: ({ cpu }) => cpu.postgres },
  { title: 'Temporal CPU s', digits: 2, of: ({ cpu }) => cpu.temporal },
  { title: 'statements/record', digits: 3, of: ({ database }, records) => database.statements / records },
  { title: 'WAL bytes/record', digits: 0, of: ({ database }, records) => database.walBytes / records },
  { title: 'peak RSS MB', digits: 0, of: ({ rssMb }) => rssMb },
  { title: 'longest block ms', digits: 0, of: ({ blockMs }) => blockMs },
  { title: 'verify s', digits: 1, of: ({ verifySeconds }) => verifySeconds },
  { title: 'source to verified s', digits: 1, of: ({ sourceToVerified }) => sourceToVerified },
];

/** The table of a workload and what is to be said below it. */
export function table({ figures, sizes, notRun }: Report): readonly string[] {
  const records = recordsOf(sizes);
  const isLoad = figures.every(({ loadSeconds }) => loadSeconds === null);
  const head = ['contestant', 'records/s', isLoad ? `ratio to ${yardstick}` : 'ratio to the load before', `CPU to ${yardstick}`];
  const titles = [...head, ...columns.map(({ title }) => title), 'rows written/record', 'target'];
  const rows = [...new Set(figures.map(({ contestant }) => contestant))].map((contestant) => {
    const { speed, ratio, ratioToLoad, cpuRatio, median, wrongRounds } = summary(figures, contestant);
    const first = [contestant, spread(speed, 0), spread(ratio ?? ratioToLoad, 3), number(cpuRatio?.median ?? null, 2)];
    const medians = columns.map(({ of }) => median((one) => of(one, records)));
    const cells = medians.map((value, index) => number(value, columns[index]?.digits ?? 0));
    const verdict = wrongRounds === 0 ? 'right' : `WRONG in ${String(wrongRounds)}`;
    return [...first, ...cells, number(rowsPerRecord(figures, contestant, records), 2), verdict];
  });
  const words = 'Where three figures stand, they are median (least to greatest) of the rounds; single figures are medians.';
  const absent = Object.entries(notRun).map(([contestant, reason]) => `${contestant}: not run (${reason})`);
  return [...aligned([titles, ...rows]), '', words, ...others(figures), ...absent, ...faults(figures)];
}

/** Rows are counted in the warm-up alone. */
function rowsPerRecord(figures: readonly Figures[], contestant: string, records: number): number | null {
  const rows = figures.find((one) => one.contestant === contestant && one.rowsWritten !== null)?.rowsWritten ?? null;
  return rows === null ? null : Object.values(rows).reduce((sum, count) => sum + count, 0) / records;
}

/** What only some workloads measure. */
function others(figures: readonly Figures[]): readonly string[] {
  return [...new Set(figures.map(({ contestant }) => contestant))].flatMap((contestant) => {
    const { more } = summary(figures, contestant);
    const names = [...new Set(figures.filter((one) => one.contestant === contestant).flatMap((one) => Object.keys(one.more)))];
    const words = names.map((name) => `${name} ${spread(more(name), 2)}`);
    return words.length === 0 ? [] : [`${contestant}: ${words.join(', ')}`];
  });
}

function faults(figures: readonly Figures[]): readonly string[] {
  return figures.flatMap(({ contestant, round, wrong, notes }) =>
    [...(wrong === null ? [] : [wrong]), ...notes].map((words) => `${contestant}, round ${String(round)}: ${words}`),
  );
}

/** Where the product's time goes, and what it asks its database: the first of each. */
export function profileLines({ profile, sizes }: Report, count = 15): readonly string[] {
  if (profile === null) return [];
  const spots = profile.hotSpots
    .slice(0, count)
    .map(({ share, ms, thread, name, file }) => [number(share * 100, 1), number(ms, 0), thread, name, file]);
  const statements = profile.database.top
    .slice(0, count)
    .map(({ calls, rows, ms, text }) => [number(calls / recordsOf(sizes), 3), number(rows, 0), number(ms, 0), text.slice(0, 150)]);
  return [
    ...aligned([['% of busy', 'ms', 'thread', 'function', 'file'], ...spots]),
    '',
    ...aligned([['calls/record', 'rows', 'ms', 'statement'], ...statements]),
  ];
}

function spread(of: Spread | null, digits: number): string {
  return of === null ? '-' : `${number(of.median, digits)} (${number(of.min, digits)} to ${number(of.max, digits)})`;
}

/** A figure in so many digits; a dash where there is none. */
export function number(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(digits);
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
