import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import type { FailureKind } from '../../contracts/failures.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { EntranceRefused } from './failure.ts';
import type { Subject } from './failure.ts';
import type { WriteCall } from './transport.ts';

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

/**
 * The outcomes of one call for all its rows: those it tells, or that of its failure; whatever goes wrong after its last byte may have left is an unknown
 * one. Throws where nothing was sent and the reason is not in the rows: what `beforeSend` threw, `auth`, `throttled`, `unavailable`.
 */
export async function outcomesOf(
  rows: readonly WriteRow[],
  { system, operation }: Subject,
  call: WriteCall,
  send: (call: WriteCall) => Promise<readonly RowOutcome[]>,
): Promise<readonly RowOutcome[]> {
  const socket = { written: false };
  const beforeSend = (): void => {
    call.beforeSend();
    socket.written = true;
  };
  try {
    return await send({ ...call, beforeSend });
  } catch (error) {
    if (!(error instanceof AdapterError)) {
      if (!socket.written) throw error;
      return rows.map((row) => unknown(row, `${system}: the answer to ${operation} could not be read`));
    }
    if (error.unknownOutcome) return rows.map((row) => unknown(row, error.message));
    if (concernsAll(error)) throw error;
    return rows.map((row) => rejected(row, error));
  }
}
