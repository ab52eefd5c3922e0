import type { BenchAccount } from '../accounts.ts';
import { inLanes } from './lanes.ts';
import { readRows } from './staged-rows.ts';
import { whenTold } from './tools.ts';

/** Reads, posts, and remembers nothing: how fast target and machine are. */
await whenTold((tools) =>
  Promise.resolve({
    load: () =>
      inLanes(tools, async (first) => {
        const rows = await readRows(tools, first);
        await tools.target.create(rows.map(({ payload }) => JSON.parse(payload) as BenchAccount));
      }),
  }),
);
