import { judgeAccounts } from './accounts-there.ts';
import type { Workload } from './bench.ts';
import { killed } from './contestants/killed.ts';
import { number, summary } from './table.ts';

/** A worker that is killed in the middle of a load: what was lost by it, in time. */
export const kill: Workload = {
  name: 'kill',
  records: 20_000,
  contestants: [killed],
  wrongIn: judgeAccounts,
  last: (figures) => {
    const beyond = summary(figures, killed.name).more('beyondSeconds');
    return `kill: beyondSeconds=${number(beyond?.median ?? null, 1)} most=${number(beyond?.max ?? null, 1)}`;
  },
};
