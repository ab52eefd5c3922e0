import { judgeAccounts } from './accounts-there.ts';
import type { Workload } from './bench.ts';
import { workedBy } from './contestants/worked-by.ts';
import { ratios, spreadOf } from './rounds.ts';
import { number, speedsOf } from './table.ts';

const [one, two, four] = [workedBy(1, 'one-worker'), workedBy(2, 'two-workers'), workedBy(4, 'four-workers')];

/** Several workers: how much faster a load is with two and with four of them, where the target's answers take the time. */
export const w8: Workload = {
  name: 'w8',
  records: 20_000,
  answerMs: 200,
  contestants: [one, two, four],
  wrongIn: judgeAccounts,
  last: (figures) => {
    const speeds = speedsOf(figures);
    const efficiency = (name: string, workers: number): string => {
      const spread = spreadOf(ratios(speeds, name, one.name).map((ratio) => ratio / workers));
      return `efficiency${String(workers)}=${number(spread?.median ?? null, 2)}`;
    };
    return `w8: ${efficiency(two.name, 2)} ${efficiency(four.name, 4)}`;
  },
};
