import { keep, post } from './full-batch.ts';
import { inLanes } from './lanes.ts';
import { whenTold } from './tools.ts';

/** What a careful person writes by hand: validates, posts, and keeps which record became which. */
await whenTold((tools) =>
  Promise.resolve({
    load: () =>
      inLanes(tools, async (first) => {
        await keep(tools, await post(tools, first));
      }),
  }),
);
