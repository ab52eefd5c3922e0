import type { Command } from 'commander';
import { errorCode } from '../../contracts/failures.ts';
import { migrate } from '../../ledger/database.ts';
import { TablesInUse } from '../../ledger/while-in-use.ts';
import { CliError } from '../cli-error.ts';
import { done } from '../exit-codes.ts';
import type { CommandResult } from '../output.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';
import { explainLedger } from '../with-ledger.ts';

const setting = 'CUTOVER_LEDGER_ADMIN_URL';

/** PostgreSQL's code for what a user has no right to. */
const noRight = '42501';

/** `cutover migrate`. */
export function addMigrate(program: Command, run: Runner): void {
  program
    .command('migrate')
    .description(`make the tables of the ledger, or bring them up to date, as the user of ${setting}`)
    .option(...jsonFlag)
    .action((options: JsonOption) => run(options, migrateLedger));
}

/** Makes the tables of the ledger those of this release; tables of a later release stay as they are. */
async function migrateLedger(): Promise<CommandResult> {
  const url = process.env[setting];
  if (url === undefined || url === '')
    throw new CliError(
      `${setting} is not set, so the tables of the ledger cannot be made.`,
      'Set it to the address of the ledger database as a user who may create tables there, as postgresql://admin@host:5432/database.',
    );
  const migrations = await migrate(url).catch((error: unknown) => {
    if (error instanceof TablesInUse)
      throw new CliError(error.message, 'Let them end, or end them (pg_terminate_backend), then call cutover migrate again.', {
        cause: error,
      });
    throw errorCode(error) === noRight
      ? new CliError(
          'The user may not create tables in the ledger database.',
          `Name in ${setting} the owner of the database, or give that user the right to create.`,
          { cause: error },
        )
      : explainLedger(error, setting);
  });
  const line =
    migrations.length === 0
      ? 'Nothing to do: the ledger has the tables of this release, or of a later one.'
      : `The ledger has the tables of this release. Done now: ${migrations.join(', ')}.`;
  return { lines: [line], json: { migrations }, exitCode: done };
}
