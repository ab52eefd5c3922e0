import type { Figures, Report } from './figures.ts';
import { ratios, spreadOf, type Spread } from './rounds.ts';

/** Whose speed and CPU all others are compared with. */
export const yardstick = 'script-full';

/** A contestant's figures over all timed rounds. */
export interface Summary {
  readonly contestant: string;
  readonly speed: Spread | null;
  readonly ratio: Spread | null;
  /** CPU of the runner against that of the yardstick. */
  readonly cpuRatio: Spread | null;
  readonly median: (of: (figures: Figures) => number | null) => number | null;
  readonly wrongRounds: number;
}

/** Sums up a contestant. */
export function summary(all: readonly Figures[], contestant: string): Summary {
  const timed = all.filter(({ round }) => round > 0);
  const own = timed.filter((figures) => figures.contestant === contestant);
  const figuresOf = (of: (figures: Figures) => number) =>
    timed.map((one) => ({ contestant: one.contestant, round: one.round, figure: of(one) }));
  return {
    contestant,
    speed: spreadOf(own.map(({ speed }) => speed)),
    ratio: spreadOf(
      ratios(
        figuresOf(({ speed }) => speed),
        contestant,
        yardstick,
      ),
    ),
    cpuRatio: spreadOf(
      ratios(
        figuresOf(({ cpu }) => cpu.runner),
        contestant,
        yardstick,
      ),
    ),
    median: (of) => spreadOf(own.flatMap((figures) => of(figures) ?? []))?.median ?? null,
    wrongRounds: own.filter(({ wrong }) => wrong !== null).length,
  };
}

/** The table of a workload and what is to be said below it. */
export function table({ figures, sizes, notRun }: Report): readonly string[] {
  const contestants = [...new Set(figures.map(({ contestant }) => contestant))];
  const per = (count: number): number => count / sizes.records;
  const rows = contestants.map((contestant) => {
    const { speed, ratio, cpuRatio, median, wrongRounds } = summary(figures, contestant);
    const rows = figures.find((one) => one.contestant === contestant && one.rowsWritten !== null)?.rowsWritten ?? null;
    return [
      contestant,
      spread(speed, 0),
      spread(ratio, 3),
      number(
        median(({ cpu }) => cpu.runner),
        2,
      ),
      number(cpuRatio?.median ?? null, 2),
      number(
        median(({ cpu }) => cpu.postgres),
        2,
      ),
      number(
        median(({ cpu }) => cpu.temporal),
        2,
      ),
      number(
        median(({ database }) => per(database.statements)),
        3,
      ),
      number(
        median(({ database }) => per(database.walBytes)),
        0,
      ),
      rows === null ? '-' : number(per(Object.values(rows).reduce((sum, count) => sum + count, 0)), 2),
      number(
        median(({ rssMb }) => rssMb),
        0,
      ),
      number(
        median(({ blockMs }) => blockMs),
        0,
      ),
      number(
        median(({ sourceToVerified }) => sourceToVerified),
        1,
      ),
      wrongRounds === 0 ? 'right' : `WRONG in ${String(wrongRounds)}`,
    ];
  });
  const head = ['contestant', 'records/s', `ratio to ${yardstick}`, 'CPU s', 'CPU ratio', 'PostgreSQL CPU s', 'Temporal CPU s'];
  const more = [
    'statements/record',
    'WAL bytes/record',
    'rows written/record',
    'peak RSS MB',
    'longest block ms',
    'source to verified s',
    'target',
  ];
  const faults = figures.flatMap(({ contestant, round, wrong, notes }) =>
    [...(wrong === null ? [] : [wrong]), ...notes].map((words) => `${contestant}, round ${String(round)}: ${words}`),
  );
  const absent = Object.entries(notRun).map(([contestant, reason]) => `${contestant}: not run (${reason})`);
  return [
    ...aligned([[...head, ...more], ...rows]),
    '',
    'Where three figures stand, they are median (least to greatest) of the rounds.',
    ...absent,
    ...faults,
  ];
}

/** Where the product's time goes, and what it asks its database: the first of each. */
export function profileLines({ profile, sizes }: Report, count = 15): readonly string[] {
  if (profile === null) return [];
  const spots = profile.hotSpots
    .slice(0, count)
    .map(({ share, ms, thread, name, file }) => [number(share * 100, 1), number(ms, 0), thread, name, file]);
  const statements = profile.database.top
    .slice(0, count)
    .map(({ calls, rows, ms, text }) => [number(calls / sizes.records, 3), number(rows, 0), number(ms, 0), text.slice(0, 150)]);
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
