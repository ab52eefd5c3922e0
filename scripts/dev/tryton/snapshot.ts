import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enterableFolder } from '../postgres/server-user.ts';
import { startOnFolder } from './postgres-folder.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { exists, keptFolder, requirements, trytonPrograms } from './python.ts';
import { run } from '../run-program.ts';

export const databaseName = 'erp';

export type Passwords = Readonly<Record<'admin' | 'cutover' | 'sales', string>>;

const setUpScript = join(import.meta.dirname, 'setup.py');

/** Groups of a user who may load parties, products and sales and take them back, and nothing more. */
const groups = ['product.group_product_admin', 'sale.group_sale'];

/** What finance has set up in the new ERP before anything is loaded. */
const setUp = {
  company: 'Northwind Traders',
  currency: 'USD',
  fiscalYears: [2024, 2025, 2026, 2027],
  taxes: [
    { name: 'Sales tax 10%', rate: '0.10' },
    { name: 'Export 0%', rate: '0' },
    { name: 'Freight 5%', rate: '0.05' },
  ],
  paymentTerms: [
    { name: 'Net 30', days: 30 },
    { name: 'Net 60', days: 60 },
  ],
  category: 'Goods',
  services: [{ code: 'FREIGHT', name: 'Freight' }],
};

/**
 * Unpacks a stopped database server with a set-up Tryton database into a folder, and returns the passwords of its users. The first
 * time it is built (one to three minutes), then kept as long as neither set-up nor versions change.
 */
export async function unpackSnapshot(folder: string): Promise<Passwords> {
  const script = await readFile(setUpScript, 'utf8');
  const key = createHash('sha256')
    .update([script, JSON.stringify(setUp), process.arch, ...requirements].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const kept = join(keptFolder, `database-${key}.tar.gz`);
  if (!(await exists(kept))) await oneAtATime(join(keptFolder, 'database.lock'), () => buildSnapshot(kept));
  await run('tar', ['-xzf', kept, '-C', folder]);
  return JSON.parse(await readFile(join(folder, 'passwords.json'), 'utf8')) as Passwords;
}

async function buildSnapshot(kept: string): Promise<void> {
  if (await exists(kept)) return;
  const folder = await enterableFolder('cutover-tryton-build-');
  try {
    await fill(folder);
    // Written aside and renamed, so that a broken build is never taken for a whole one.
    const half = `${kept}.${String(process.pid)}`;
    await run('tar', ['-czf', half, '-C', folder, 'data', 'passwords.json']);
    await rename(half, kept);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(folder: string): Promise<void> {
  const programs = await trytonPrograms();
  const postgres = await startOnFolder(folder, true);
  try {
    const passwords: Passwords = { admin: newPassword(), cutover: newPassword(), sales: newPassword() };
    const users = (['cutover', 'sales'] as const).map((login) => ({ login, name: login, password: passwords[login], groups }));
    const files = { conf: join(folder, 'trytond.conf'), password: join(folder, 'admin-password'), seed: join(folder, 'set-up.json') };
    await writeFile(files.conf, trytonConfiguration(postgres.url, 0));
    await writeFile(files.password, passwords.admin);
    await writeFile(files.seed, JSON.stringify({ ...setUp, users }));
    await writeFile(join(folder, 'passwords.json'), JSON.stringify(passwords));
    await postgres.createDatabase(databaseName);
    const activated = ['sale', 'account_invoice', 'account_invoice_stock', 'account_product', 'stock'];
    await run(
      join(programs, 'trytond-admin'),
      ['-c', files.conf, '-d', databaseName, '-u', ...activated, '--activate-dependencies', '--email', 'admin@example.test'],
      {
        TRYTONPASSFILE: files.password,
      },
    );
    await run(join(programs, 'python'), [setUpScript, databaseName, files.conf, files.seed]);
  } finally {
    await postgres.stop();
  }
}

/** Tryton's configuration file for a database server and a port to listen on. */
export function trytonConfiguration(postgresUrl: string, port: number): string {
  return [
    '[web]',
    `listen = 127.0.0.1:${String(port)}`,
    '[database]',
    `uri = ${postgresUrl}`,
    '[session]',
    'authentications = password',
    '',
  ].join('\n');
}

/** Long enough for Tryton's own rules; lives only in the snapshot on this machine. */
function newPassword(): string {
  return randomBytes(18).toString('base64url');
}
