import type { Connection } from '../contracts/connection.ts';
import { AdapterError } from '../contracts/failures.ts';

/** A setting that a connection cannot do without; rejects with kind `invalidData` where it is missing or empty. */
export function needed({ system, values }: Connection, name: string): string {
  const value = values[name];
  if (value !== undefined && value !== '') return value;
  throw new AdapterError('invalidData', `${system}: the connection lacks ${name}; name its environment variable in the env file`, {
    system,
    operation: 'connect',
  });
}
