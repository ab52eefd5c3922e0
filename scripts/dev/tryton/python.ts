import { createHash } from 'node:crypto';
import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { oneAtATime } from '../one-at-a-time.ts';
import { run } from '../run-program.ts';

/** Where everything of the real Tryton is kept; safe to delete, it is made again. */
export const keptFolder = join(import.meta.dirname, '..', '..', '..', '.dev', 'tryton');

const modules = [
  'party',
  'country',
  'currency',
  'company',
  'account',
  'account-product',
  'account-invoice',
  'account-invoice-stock',
  'product',
  'stock',
  'sale',
];

/** What is installed: Tryton 8.2 with the modules of order to cash, its scripting client, and the server it usually runs in. */
export const requirements: readonly string[] = [
  ...['trytond[PostgreSQL]==8.2.*', 'psycopg[binary,pool]==3.3.*', 'proteus==8.2.*', 'pycountry==26.*', 'gunicorn==27.*'],
  ...modules.map((name) => `trytond-${name}==8.2.*`),
];

/** The folder of Tryton's programs; installs them into a virtual environment of our own the first time (some ten seconds). */
export async function trytonPrograms(): Promise<string> {
  const key = createHash('sha256').update(requirements.join('\n')).digest('hex').slice(0, 12);
  const folder = join(keptFolder, 'venv');
  const programs = join(folder, 'bin');
  const stamp = join(folder, `installed-${key}`);
  if (!(await exists(stamp))) await oneAtATime(join(keptFolder, 'venv.lock'), () => install(folder, stamp));
  return programs;
}

async function install(folder: string, stamp: string): Promise<void> {
  if (await exists(stamp)) return;
  const python = await findPython();
  if (python === null) throw new Error(pythonIsMissing);
  await rm(folder, { recursive: true, force: true });
  await run(python, ['-m', 'venv', folder]);
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...requirements]);
  await writeFile(stamp, '');
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Says what to install where there is no Python that the real Tryton could run on. */
export const pythonIsMissing =
  'The real Tryton needs Python 3.10 or newer with its venv module. Install it, for example: apt-get install python3 python3-venv';

/** A Python that is new enough and can make virtual environments; null where there is none. */
export async function findPython(): Promise<string | null> {
  for (const python of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const found = await run(python, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))']).then(
      () => true,
      () => false,
    );
    if (found) return python;
  }
  return null;
}
