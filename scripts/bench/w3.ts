import type { Workload } from './bench.ts';
import { limited } from './contestants/limited.ts';
import { judge } from './oracle.ts';
import { number, summary } from './table.ts';

/** Quota: how much of what a system permits a load makes use of, and how often it is told that it was too much. */
export const w3: Workload = {
  name: 'w3',
  // 200 batches, each written by one call: four windows and more.
  records: 40_000,
  quota: { calls: 50, perMs: 5_000 },
  contestants: [limited],
  wrongIn: ({ target, sizes }) => judge(target.records('Account'), sizes.records),
  last: (figures) => {
    const { median } = summary(figures, limited.name);
    const of = (name: string): number | null => median(({ more }) => more[name] ?? null);
    return `w3: share=${number(of('share'), 3)} refusedPerThousand=${number(of('refusedPerThousand'), 1)}`;
  },
};
