import { AdapterError, errorCode } from '../../contracts/failures.ts';
import type { FailureKind } from '../../contracts/failures.ts';

export function archiveFailure(kind: FailureKind, operation: string, sentence: string, cause?: unknown): AdapterError {
  return new AdapterError(kind, `archive: ${sentence}`, { system: 'archive', operation, cause });
}

/** Runs work on the archive's files; what the file system refuses becomes kind `unavailable`. Repeating a put is safe. */
export async function guarded<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AdapterError) throw error;
    const code = errorCode(error);
    throw archiveFailure(
      'unavailable',
      operation,
      `its folder could not be read or written${code === null ? '' : ` (${code})`}; check that it exists, belongs to the runner and has room`,
      error,
    );
  }
}
