import { pickFields, unmetFields, type FieldNature, type PlainFields } from './fields.ts';
import type { SeenRecord } from './verdict.ts';

/** What is known of a record's object: its fields, and the states that a write of several steps passes through. */
interface RetryNature extends FieldNature {
  readonly halfWay?: readonly string[] | undefined;
}

/**
 * The record before an effect whose calls so far all came to nothing, and which is called again: as it is now, because others may have worked on it
 * since it was read first. What it shows of our own doing, where a call stopped half-way, stays as it was found first.
 */
export function beforeOfRetry(first: SeenRecord, now: SeenRecord, sent: PlainFields, nature: RetryNature): SeenRecord {
  const unmet = unmetFields(sent, now.fields, nature);
  const asSent = Object.keys(sent).filter((name) => !unmet.includes(name));
  return {
    state: (nature.halfWay ?? []).includes(now.state) ? first.state : now.state,
    fields: { ...now.fields, ...pickFields(first.fields, asSent) },
  };
}
