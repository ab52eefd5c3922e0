import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Interrupt } from './demo/interrupt.ts';
import { Started } from './demo/started.ts';
import { say } from './demo/talk.ts';
import { startBusiness, type OwnRecords } from './business.ts';
import { startStack } from './stack.ts';
import { startWorker } from './worker-process.ts';

/** Reads what the systems hold from a folder: `legacy.sql`, `erp.json` and `crm.json`. */
async function readOwn(folder: string): Promise<OwnRecords> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const [legacy, erp, crm] = await Promise.all([read('legacy.sql'), read('erp.json'), read('crm.json')]);
  return { legacy, erp: parsed('erp.json', erp) as OwnRecords['erp'], crm: parsed('crm.json', crm) as OwnRecords['crm'] };
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${name} is no JSON: ${String(error)}; mend it and start again`, { cause: error });
  }
}

/** Makes the file that says where all this is, empty; throws where it is there, and leaves that one as it is. */
async function claim(file: string): Promise<void> {
  await writeFile(file, '', { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    throw new Error(`${file} is there: a business runs in this folder already. Stop that one with Ctrl-C; if none runs, remove the file`, {
      cause: error,
    });
  });
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The command that reads a file into a shell; the shell looks for a name without a slash in its PATH. */
function sourced(file: string): string {
  const path = file.includes('/') ? file : `./${file}`;
  return `. ${/^[\w./-]+$/.test(path) ? path : quoted(path)}`;
}

/** What a shell needs to find all this, for `. environment.sh`. */
function exported(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
    .join('');
}

/**
 * Somebody's own business on stand-ins: a Temporal server, a PostgreSQL with the legacy database, stand-ins of Tryton and Salesforce, and a worker, until
 * Ctrl-C. Nothing of it is kept.
 */
async function main(): Promise<void> {
  const [given] = process.argv.slice(2);
  if (given === undefined) throw new Error('name the folder with legacy.sql, erp.json and crm.json: npm run own-business -- my-business');
  const folder = resolve(given);
  const file = join(folder, 'environment.sh');
  const own = await readOwn(folder);
  const started = new Started();
  const interrupt = new Interrupt();
  await claim(file);
  const begin = async (): Promise<void> => {
    say('Starting a Temporal server, PostgreSQL, the stand-ins of Tryton and Salesforce, and a worker ...');
    const stack = await started.keep(startStack());
    const { environment } = await started.keep(startBusiness(stack, { name: 'own', own }));
    await started.keep(startWorker(environment));
    await writeFile(file, exported(environment), { mode: 0o600 });
    say(`Temporal UI: ${environment['CUTOVER_UI_URL'] ?? 'none'}`);
    say(`Ready. In another terminal: ${sourced(join(given, 'environment.sh'))}`);
    say('Ctrl-C stops everything, and nothing of it is kept.');
  };
  const begun = begin();
  // An interrupt says so itself, and what was starting is stopped with the rest.
  begun.catch(() => undefined);
  try {
    await Promise.race([begun.then(() => interrupt.happened), interrupt.happened]);
  } finally {
    await (interrupt.code === null ? started.stop() : started.stopAtOnce());
    await rm(file, { force: true });
  }
  process.exit(interrupt.code ?? 0);
}

await main().catch((error: unknown) => {
  process.stderr.write(`own-business: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
