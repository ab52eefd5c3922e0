import { errorCode } from '../contracts/failures.ts';

/** PostgreSQL's codes for a row whose unique key another row has, and for a lock that was not to be had at once. */
const inTheWay: readonly (string | null)[] = ['23505', '55P03'];

/** What a statement or transaction came to; null where something stood in its way, so that it wrote nothing. */
export async function unlessInTheWay<T>(written: Promise<T>): Promise<T | null> {
  try {
    return await written;
  } catch (error) {
    if (inTheWay.includes(errorCode(error))) return null;
    throw error;
  }
}
