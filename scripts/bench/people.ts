import { judgeAccounts } from './accounts-there.ts';
import type { Workload } from './bench.ts';
import { asked } from './contestants/asked.ts';
import { number, summary } from './table.ts';

/** What people wait for: the outcome of what they send, and the status. */
export const people: Workload = {
  name: 'people',
  records: 1_000,
  contestants: [asked],
  wrongIn: judgeAccounts,
  last: (figures) => {
    const { more } = summary(figures, asked.name);
    const of = (name: string): number | null => more(name)?.median ?? null;
    const outcome = `outcomeP50Ms=${number(of('outcomeP50Ms'), 0)} outcomeP95Ms=${number(of('outcomeP95Ms'), 0)}`;
    return `people: ${outcome} statusCpuSeconds=${number(of('statusSeconds'), 2)}`;
  },
};
