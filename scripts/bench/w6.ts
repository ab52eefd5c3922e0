import type { Workload } from './bench.ts';
import { rollback } from './contestants/rollback.ts';
import { number, summary } from './table.ts';

/** Rollback: what was loaded is taken back, and the target is as it was before. */
export const w6: Workload = {
  name: 'w6',
  records: 1_000,
  contestants: [rollback],
  wrongIn: async ({ target }) => {
    for await (const page of target.records('Lead')) return `at least ${String(page.length)} records were left in the target`;
    return null;
  },
  last: (figures, { records }) => {
    const { median, ratioToLoad } = summary(figures, rollback.name);
    const statements = median(({ database }) => database.statements / records);
    return `w6: ratio=${number(ratioToLoad?.median ?? null, 3)} statements=${number(statements, 3)} rssMb=${number(
      median(({ rssMb }) => rssMb),
      0,
    )}`;
  },
};
