import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import type { FailureKind } from '../../contracts/failures.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { EntranceRefused } from './failure.ts';
import type { Subject } from './failure.ts';

/** A refusal of our own, before or after Salesforce was asked. */
export function refusalOf({ system, operation }: Subject, kind: FailureKind, sentence: string): AdapterError {
  return new AdapterError(kind, `${system}: ${sentence}`, { system, operation });
}

export function rejected(row: WriteRow, error: AdapterError): RowOutcome {
  const wait = error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs };
  return { effectId: row.effectId, outcome: 'rejected', kind: error.kind, message: error.message, ...wait };
}

export function unknown(row: WriteRow, message: string): RowOutcome {
  return { effectId: row.effectId, outcome: 'unknown', message };
}

/** The reason lies in the session, the organization or the way to it, and not in the rows. */
export function concernsAll(error: AdapterError): boolean {
  return error instanceof EntranceRefused || error.kind === 'throttled' || error.kind === 'unavailable';
}
