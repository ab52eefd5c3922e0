import { judgeAccounts } from './accounts-there.ts';
import type { Workload } from './bench.ts';
import { onDevServer, onPostgres } from './contestants/on-server.ts';
import { ratios, spreadOf } from './rounds.ts';
import { number, speedsOf, summary } from './table.ts';

/** The topology of production: a Temporal server whose store is PostgreSQL, and two workers, beside the same on the dev server. */
export const topology: Workload = {
  name: 'topology',
  records: 20_000,
  contestants: [onDevServer, onPostgres],
  wrongIn: judgeAccounts,
  last: (figures) => {
    const ratio = spreadOf(ratios(speedsOf(figures), onPostgres.name, onDevServer.name));
    const longest = summary(figures, onPostgres.name).more('longestHistory');
    return `topology: ratio=${number(ratio?.median ?? null, 3)} longestHistory=${number(longest?.max ?? null, 0)}`;
  },
};
