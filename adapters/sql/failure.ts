import { DatabaseError } from 'pg';
import type { FailureKind } from '../../contracts/failures.ts';
import { AdapterError, errorCode } from '../../contracts/failures.ts';
import { InexactValue } from './values.ts';

/** PostgreSQL SQLSTATEs, or their two-character classes, by kind (appendix A of the PostgreSQL manual). */
const kinds: Readonly<Record<string, FailureKind>> = {
  '08': 'unavailable',
  // Ended by a limit of the server on idle or long transactions.
  '25P03': 'unavailable',
  '25P04': 'unavailable',
  // The server takes no writes now. Where we asked for reads only, it is the plan's query that tries to write.
  '25006': 'unavailable',
  '28': 'auth',
  '42501': 'auth',
  '3D000': 'notFound',
  '53': 'throttled',
  '40': 'locked',
  '55P03': 'locked',
  '57': 'unavailable',
  '58': 'unavailable',
  XX: 'unavailable',
};

/** What to do about a failure, by kind. */
const remedies: Partial<Record<FailureKind, string>> = {
  auth: 'check the user, its password and its rights in the legacy database',
  notFound: 'check the name of the database in the address',
  throttled: 'the server has no connection or memory left; try again later',
  locked: 'another transaction holds what is needed; try again',
  unavailable: 'the database did not answer in time or is going down; try again',
  invalidData: 'correct the query or table named in the plan',
};

/**
 * A database failure as AdapterError; `readOnly` where the transaction was begun for reading only. Only messages about names (SQLSTATE class 42) are passed on: others can quote
 * the contents of records. A lost connection leaves the outcome of a write unknown; all writes of this adapter may be repeated.
 */
export function sqlFailure(error: unknown, system: string, operation: string, readOnly = false): AdapterError {
  if (error instanceof AdapterError) return error;
  if (error instanceof InexactValue)
    return new AdapterError('invalidData', `${system}: ${operation}: ${error.message}`, { system, operation });
  if (!(error instanceof DatabaseError)) {
    const code = errorCode(error);
    return new AdapterError(
      'unavailable',
      `${system}: ${operation} failed because the database could not be reached${code === null ? '' : ` (${code})`}; check its address and that it runs`,
      { system, operation, unknownOutcome: true, cause: error },
    );
  }
  const code = error.code ?? 'XX000';
  const kind = readOnly && code === '25006' ? 'invalidData' : (kindOf(code) ?? 'invalidData');
  const detail = code.startsWith('42') ? `: ${error.message}` : '';
  return new AdapterError(
    kind,
    `${system}: ${operation} was refused by the database with SQLSTATE ${code}${detail}; ${missingGrant(error, readOnly) ?? remedies[kind] ?? 'see its log'}`,
    { system, operation, unknownOutcome: kind === 'unavailable', cause: error },
  );
}

/** Rights that reading needs, by what PostgreSQL says that its user lacks them on, as its statement `grant` names them. */
const readingRights: Readonly<Record<string, string>> = {
  table: 'select on',
  view: 'select on',
  'materialized view': 'select on',
  'foreign table': 'select on',
  schema: 'usage on schema',
  function: 'execute on function',
};

/** The grant that is missing; null where the server says it in other words, such as another language, or where it may be one for writing. */
function missingGrant({ code, message }: DatabaseError, readOnly: boolean): string | null {
  const [, what = '', name = ''] = code === '42501' ? (/^permission denied for ([a-z ]+) (\S+)$/.exec(message) ?? []) : [];
  const right = readingRights[what];
  return right === undefined || (right === 'select on' && !readOnly)
    ? null
    : `have its owner run: grant ${right} ${name} to the runner's user`;
}

/** A connection that the server did not let in: nothing was asked of it yet, and its words are about the database and quote no record. */
export function connectFailure(error: unknown, system: string, operation: string): AdapterError {
  if (!(error instanceof DatabaseError)) return sqlFailure(error, system, operation);
  const code = error.code ?? 'XX000';
  const kind = kindOf(code) ?? 'unavailable';
  const remedy = kind === 'unavailable' ? 'have its administrator let the runner in' : (remedies[kind] ?? 'see its log');
  return new AdapterError(kind, `${system}: ${operation} was not let into the database: ${error.message} (SQLSTATE ${code}); ${remedy}`, {
    system,
    operation,
    cause: error,
  });
}

function kindOf(code: string): FailureKind | undefined {
  return kinds[code] ?? kinds[code.slice(0, 2)];
}

/** Whether the connection that failed this way is of no use any more, because its server is going down or is not the primary. */
export function costsConnection(error: Error): boolean {
  return error instanceof AdapterError && error.kind === 'unavailable';
}
