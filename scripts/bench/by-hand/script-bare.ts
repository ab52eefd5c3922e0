import type { BenchAccount } from '../accounts.ts';
import { load } from './load.ts';

/** Reads, posts, and remembers nothing: how fast target and machine are. */
await load(async (rows, { target }) => {
  await target.create(rows.map(({ payload }) => JSON.parse(payload) as BenchAccount));
});
