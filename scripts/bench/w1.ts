import { judgeAccounts } from './accounts-there.ts';
import type { Workload } from './bench.ts';
import { cutover } from './contestants/cutover.ts';
import { scriptByHand } from './contestants/by-hand.ts';
import { bullmq, peerNamed } from './contestants/peers.ts';
import { number, summary } from './table.ts';

/** Pure load: accounts into an empty target that takes its time and makes no errors. */
export const w1: Workload = {
  name: 'w1',
  records: 20_000,
  contestants: [scriptByHand('script-bare'), scriptByHand('script-full'), peerNamed('dbos'), peerNamed('graphile-worker'), bullmq, cutover],
  wrongIn: judgeAccounts,
  last: (figures, { records }) => {
    const { ratio, cpuRatio, median } = summary(figures, cutover.name);
    const statements = median(({ database }) => database.statements / records);
    const words = [`ratio=${number(ratio?.median ?? null, 3)}`, `cpu=${number(cpuRatio?.median ?? null, 1)}`];
    return `w1: ${[
      ...words,
      `statements=${number(statements, 3)}`,
      `rssMb=${number(
        median(({ rssMb }) => rssMb),
        0,
      )}`,
    ].join(' ')}`;
  },
};
