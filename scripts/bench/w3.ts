import { judgeAccounts } from './accounts-there.ts';
import type { Workload } from './bench.ts';
import { limited } from './contestants/limited.ts';
import { number, summary } from './table.ts';

/** Quota: how much of what a system permits a load makes use of, and how often it is told that it was too much. */
export const w3: Workload = {
  name: 'w3',
  // About 2.3 calls for each 200 records: two windows and more. The limit is HubSpot's for a private app.
  records: 40_000,
  quota: { calls: 190, perMs: 10_000 },
  contestants: [limited],
  wrongIn: judgeAccounts,
  last: (figures) => {
    const { more } = summary(figures, limited.name);
    const of = (name: string): number | null => more(name)?.median ?? null;
    return `w3: share=${number(of('share'), 3)} refusedPerThousand=${number(of('refusedPerThousand'), 1)}`;
  },
};
