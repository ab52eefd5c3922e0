import type { LaneEnd } from '../../contracts/activities.ts';
import type { Performed } from './perform.ts';

const reasons: Readonly<Record<LaneEnd['end'], string>> = {
  done: '',
  fenced: 'another attempt or a rollback took the lane over',
  held: 'the run is held',
  noGuard: 'no guard is alive to watch the load',
  wait: 'waiting for the target',
};

/** How a lane activity ended, with what it wrote. */
export function ended(
  end: LaneEnd['end'],
  waitMs = 0,
  performed: Pick<Performed, 'applied' | 'refused'> | null = null,
  why = reasons[end],
): LaneEnd {
  return { end, waitMs, why, written: performed?.applied ?? 0, failed: performed?.refused.length ?? 0 };
}
