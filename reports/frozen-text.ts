import { durationText } from './instant.ts';

/** How long a wave was frozen, beside what its load would have added; empty where it was not. */
export function frozenText({ frozenMs, loadedBeforeMs }: { readonly frozenMs: number | null; readonly loadedBeforeMs: number }): string {
  if (frozenMs === null) return '';
  return `frozen for ${whole(frozenMs)} after ${whole(loadedBeforeMs)} of loading while legacy was open`;
}

/** Parts of a second say nothing to people who wait for minutes, nor seconds where it is more than two of these. */
function whole(ms: number): string {
  const unit = ms < 1_000 ? 1 : ms < 120_000 ? 1_000 : 60_000;
  return durationText(Math.round(ms / unit) * unit);
}
