import type { Connection } from '../contracts/connection.ts';
import { AdapterError } from '../contracts/failures.ts';

/**
 * How long after sending the system may still commit a call (ms): `commitHorizonMs` of the connection where it is given, else what the
 * adapter knows of its system. Rejects with kind `invalidData` what is no number of milliseconds: nothing could ever be judged by it.
 */
export function commitHorizonMs({ system, values }: Connection, known: number): number {
  const given = Number(values['commitHorizonMs'] ?? known);
  if (Number.isInteger(given) && given >= 0) return given;
  throw new AdapterError('invalidData', `${system}: commitHorizonMs must be a whole number of milliseconds.`, {
    system,
    operation: 'connect',
  });
}
