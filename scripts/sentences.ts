import { durationText, instantText } from '../reports/instant.ts';

/** Since when, for people: `, since 2026-11-24 08:00:00 UTC (3 minutes)`; nothing where that is not known. */
export function sinceText(iso: string | null, nowMs: number): string {
  if (iso === null) return '';
  const seconds = Math.max(1, Math.round((nowMs - Date.parse(iso)) / 1_000));
  return `, since ${instantText(iso)} (${durationText(seconds * 1_000)})`;
}

/** A text with a full stop, where it does not end a sentence already. */
export function closed(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A text with a capital at its beginning. */
export function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
