import type { Workload } from './bench.ts';
import { killed } from './contestants/killed.ts';
import { judge } from './oracle.ts';
import { number, summary } from './table.ts';

/** A worker that is killed in the middle of a load: what was lost by it, in time. */
export const kill: Workload = {
  name: 'kill',
  records: 20_000,
  contestants: [killed],
  wrongIn: ({ target, sizes }) => judge(target.records('Account'), sizes.records),
  last: (figures) => {
    const { median, greatest } = summary(figures, killed.name);
    const beyond = ({ more }: (typeof figures)[number]): number | null => more['beyondSeconds'] ?? null;
    return `kill: beyondSeconds=${number(median(beyond), 1)} most=${number(greatest(beyond), 1)}`;
  },
};
