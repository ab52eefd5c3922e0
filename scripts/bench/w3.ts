import type { Workload } from './bench.ts';
import { limited } from './contestants/limited.ts';
import { judge } from './oracle.ts';
import { number, summary } from './table.ts';

/** Quota: how much of what a system permits a load makes use of, and how often it is told that it was too much. */
export const w3: Workload = {
  name: 'w3',
  // About 2.3 calls for each 200 records: two windows and more. The limit is HubSpot's for a private app.
  records: 40_000,
  quota: { calls: 190, perMs: 10_000 },
  contestants: [limited],
  wrongIn: ({ target, sizes }) => judge(target.records('Account'), sizes.records),
  last: (figures) => {
    const { median } = summary(figures, limited.name);
    const of = (name: string): number | null => median(({ more }) => more[name] ?? null);
    return `w3: share=${number(of('share'), 3)} refusedPerThousand=${number(of('refusedPerThousand'), 1)}`;
  },
};
