import { durationText } from '../reports/instant.ts';

/** How far something is, as people read it: records done of all, records a second, and how long the rest takes. */
export function paceText({
  done,
  total,
  perSecond,
  leftMs,
}: {
  readonly done: number;
  /** Null where nobody has counted them. */
  readonly total: number | null;
  readonly perSecond: number | null;
  readonly leftMs: number | null;
}): string {
  const records = total === null ? `${String(done)} records` : `${String(done)} of ${String(total)} records`;
  const pace = perSecond === null ? '' : `, ${perSecond.toFixed(perSecond < 10 ? 1 : 0)} a second`;
  return leftMs === null ? records + pace : `${records}${pace}, about ${durationText(Math.ceil(leftMs / 1_000) * 1_000)} left`;
}
