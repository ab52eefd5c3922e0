import type { Fields } from '../contracts/fields.ts';
import type { SeenRecord } from '../domain/effects/verdict.ts';

/**
 * The one seam through which business data enters and leaves the ledger: payloads, images and session handles.
 * They stand in clear for now; encryption under a key per run goes here and nowhere else. What is sealed is one line and never empty.
 */
export function seal(value: Fields | SeenRecord | string): string {
  return JSON.stringify(value);
}

/** Fields sealed before. */
export function unsealFields(text: string): Fields {
  return JSON.parse(text) as Fields;
}

/** A text (a session handle) sealed before. */
export function unsealText(text: string): string {
  return JSON.parse(text) as string;
}

/** A before- or after-image sealed before. */
export function unsealImage(text: string): SeenRecord {
  return JSON.parse(text) as SeenRecord;
}
