import { errorCode } from '../contracts/failures.ts';
import { openLedger, type Ledger } from '../ledger/ledger.ts';
import { CliError } from './cli-error.ts';

/** Codes with which Node, or PostgreSQL, says that the database cannot be entered at all. */
const unreachable = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  '28P01',
  '28000',
  '3D000',
  '57P03',
];

/** PostgreSQL's code for a table that is not there. */
const noTable = '42P01';

/** To enter the database costs it more than most of what a command asks, so that few connections also answer sooner. */
const connecting = { connections: 2, isPatient: true };

/** Opens the ledger that CUTOVER_LEDGER_URL names, for as long as `use` runs; that it cannot be used is a plain error. */
export async function withLedger<T>(use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const url = process.env['CUTOVER_LEDGER_URL'];
  if (url === undefined || url === '') {
    throw new CliError(
      'CUTOVER_LEDGER_URL is not set, so the ledger cannot be read.',
      'Set it to the address of the ledger database, as postgresql://user@host:5432/database.',
    );
  }
  const ledger = openLedger(url, connecting);
  try {
    return await use(ledger);
  } catch (error) {
    throw explainLedger(error, 'CUTOVER_LEDGER_URL');
  } finally {
    await ledger.close();
  }
}

/** Turns what the driver says into a sentence that names the setting; the address is not repeated, because it may hold a password. */
export function explainLedger(error: unknown, setting: string): unknown {
  if (error instanceof CliError) return error;
  const code = errorCode(error);
  if (code === noTable)
    return new CliError(
      'The ledger database has no tables yet.',
      'Make them: cutover migrate, with CUTOVER_LEDGER_ADMIN_URL set to the address of a user who may; docker compose does by its job ledger-schema.',
      { cause: error },
    );
  const timedOut = error instanceof Error && error.message.includes('timeout');
  if (!timedOut && (code === null || !unreachable.includes(code))) return error;
  return new CliError(
    `The ledger database cannot be reached (${timedOut ? 'no answer in time' : String(code)}).`,
    `Start it, or correct the address and the credentials in ${setting}.`,
    { cause: error },
  );
}
