import type { Env } from '../plan/env.ts';

/** Never less than this, however short the watcher's interval is (ms). */
const floorMs = 5_000;

/** Age up to which the watcher's last sign of life counts: three of its intervals (P8), in ms. */
export function guardWithinMs({ timings }: Env): number {
  return Math.max(floorMs, 3 * timings.guardEvery);
}
