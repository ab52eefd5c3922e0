import type { Runs } from '../../ledger/runs.ts';
import { tryNumber } from '../pulse.ts';

/** Between two signs of life (ms); the shortest age up to which one counts is five times as long. */
const beatEveryMs = 1_000;

/** A step that works for longer than this gives no further sign (ms): it may hang. */
const longestStepMs = 120_000;

/**
 * Runs the steps of one look of the watcher, with signs of life while they work and as they end, so that a look may take as long as a big wave
 * needs. A look that is tried again has failed or died before: it gives its sign at its end alone.
 */
export function lookOf(runs: Pick<Runs, 'beatGuard'>, run: string): <T>(step: () => Promise<T>) => Promise<T> {
  const isFirst = tryNumber() === 1;
  const last = { beatenMs: -Infinity };
  return async (step) => {
    if (!isFirst) return step();
    const until = performance.now() + longestStepMs;
    const timer = setInterval(() => {
      // A ledger that does not take it fails the step itself.
      if (performance.now() < until) runs.beatGuard(run).catch(() => undefined);
    }, beatEveryMs);
    try {
      const result = await step();
      if (performance.now() - last.beatenMs < beatEveryMs) return result;
      await runs.beatGuard(run);
      last.beatenMs = performance.now();
      return result;
    } finally {
      clearInterval(timer);
    }
  };
}
