/** How far a piece of work over many records is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Since its first record (ms); null before. */
  readonly elapsedMs: number | null;
}

/** Records a second until now, and how long the rest takes at that pace (ms); null while nothing is done. */
export function paceOf({ done, total, elapsedMs }: Progress): { readonly perSecond: number; readonly leftMs: number } | null {
  if (elapsedMs === null || elapsedMs <= 0 || done <= 0) return null;
  const perMs = done / elapsedMs;
  return { perSecond: perMs * 1_000, leftMs: Math.max(0, total - done) / perMs };
}
