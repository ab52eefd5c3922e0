import { batches, type Tools } from './tools.ts';

/** Works on so many batches at once until none is left. */
export async function inLanes(tools: Tools, work: (first: number) => Promise<void>): Promise<void> {
  const left = batches(tools).values();
  const lane = async (): Promise<void> => {
    for (const first of left) await work(first);
  };
  await Promise.all(Array.from({ length: tools.concurrency }, lane));
}
