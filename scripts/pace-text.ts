import { durationText } from '../reports/instant.ts';

/** How far something is, as people read it: records done of all, records a second, and how long the rest takes. */
export function paceText({
  done,
  total,
  perSecond,
  leftMs,
}: {
  readonly done: number;
  readonly total: number;
  readonly perSecond: number | null;
  readonly leftMs: number | null;
}): string {
  const records = `${String(done)} of ${String(total)} records`;
  if (perSecond === null || leftMs === null) return records;
  return `${records}, ${perSecond.toFixed(perSecond < 10 ? 1 : 0)} a second, about ${durationText(Math.ceil(leftMs / 1_000) * 1_000)} left`;
}
