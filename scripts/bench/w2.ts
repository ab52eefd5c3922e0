import type { Workload } from './bench.ts';
import { troubled } from './contestants/troubled.ts';
import { judgeRealistic } from './realistic.ts';
import { number, summary } from './table.ts';

/** A realistic load: accounts and their people into a target that is slow, refuses some records, and fails now and then. */
export const w2: Workload = {
  name: 'w2',
  records: 20_000,
  trouble: {
    ...{ seed: 4, medianMs: 200, p99Ms: 800, refused: 0.01 },
    perThousand: { throttle: 5, serverError: 2, loseResponse: 1, reset: 0.5 },
  },
  contestants: [troubled],
  wrongIn: judgeRealistic,
  last: (figures) => {
    const { more, speed } = summary(figures, troubled.name);
    const ratio = number(more('ratioToCeiling')?.median ?? null, 3);
    return `w2: ratioToCeiling=${ratio} recordsPerSecond=${number(speed?.median ?? null, 0)}`;
  },
};
