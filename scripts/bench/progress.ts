import { judgeAccounts } from './accounts-there.ts';
import type { Workload } from './bench.ts';
import { foretold } from './contestants/foretold.ts';

/** How far from the truth the time left may be. */
const tolerated = 0.3;

/** Progress: how well the time that is left is told at half of a load. */
export const progress: Workload = {
  name: 'progress',
  records: 20_000,
  contestants: [foretold],
  wrongIn: judgeAccounts,
  last: (figures) => {
    const told = figures.filter(({ round }) => round > 0).map(({ more }) => more['offBy'] ?? 1);
    return `progress: within30=${String(told.filter((offBy) => offBy <= tolerated).length)}/${String(told.length)}`;
  },
};
