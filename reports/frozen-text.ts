import { durationText } from './instant.ts';

/** How long a wave was frozen, beside what its load would have added; empty where it was not. */
export function frozenText({ frozenMs, loadedBeforeMs }: { readonly frozenMs: number | null; readonly loadedBeforeMs: number }): string {
  if (frozenMs === null) return '';
  return `frozen for ${whole(frozenMs)} after ${whole(loadedBeforeMs)} of loading while legacy was open`;
}

/** A tenth of a second says nothing to people who wait for minutes. */
function whole(ms: number): string {
  return durationText(ms < 1_000 ? Math.round(ms) : Math.round(ms / 1_000) * 1_000);
}
