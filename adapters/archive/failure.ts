import { AdapterError, errorCode } from '../../contracts/failures.ts';
import type { FailureKind } from '../../contracts/failures.ts';

/** Where an archive is, and what the plan calls it. */
export interface Place {
  readonly system: string;
  readonly folder: string;
}

export function archiveFailure({ system }: Place, kind: FailureKind, operation: string, sentence: string, cause?: unknown): AdapterError {
  return new AdapterError(kind, `${system}: ${sentence}`, { system, operation, cause });
}

/** Runs work on the archive's files; what the file system refuses becomes kind `unavailable`. Repeating a put is safe. */
export async function guarded<T>(place: Place, operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AdapterError) throw error;
    const code = errorCode(error);
    throw archiveFailure(
      place,
      'unavailable',
      operation,
      `its folder could not be read or written${code === null ? '' : ` (${code})`}; check that it exists, belongs to the runner and has room`,
      error,
    );
  }
}
