import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../scripts/dev/project.ts';
import { cutoverCli } from '../../scripts/dev/run-driver.ts';
import { blocksOf } from '../support/docs.ts';
import { ownBusiness } from '../docs/manual.ts';

const commands = blocksOf('docs/own-business.md')
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, '').trim())
  .filter((line) => ownBusiness.some((pattern) => pattern.test(line)));
/** The command of the document that begins so. */
const of = (beginning: string): string => commands.find((command) => command.startsWith(beginning)) ?? `no command ${beginning}`;

let folder = '';
let servers: ChildProcess | null = null;

/** Types a command in the folder of a clone, as the document has it; behind `environment.sh` where that was read. */
async function type(command: string, isSet = true): Promise<{ readonly code: number | null; readonly shown: string }> {
  const line = isSet ? `${of('. my-business')} && ${command}` : command;
  const child = spawn('sh', ['-c', line], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (shown += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, shown };
}

/** Starts the servers as the document says, and returns once they say that they are ready. */
async function startServers(): Promise<void> {
  // A group of its own gets the Ctrl-C of its terminal.
  const child = spawn('sh', ['-c', of('npm run own-business')], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  servers = child;
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`the servers ended with ${String(code)}`));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString('utf8').includes('Ready.')) resolve();
    });
  });
}

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'cutover-clone-')));
  for (const name of ['package.json', 'scripts', 'examples', 'node_modules']) await symlink(join(projectRoot, name), join(folder, name));
});
afterAll(async () => {
  if (servers?.pid !== undefined) process.kill(-servers.pid, 'SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** What `environment.sh` sets. */
async function environment(): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'my-business/environment.sh'), 'utf8');
  return Object.fromEntries(Array.from(text.matchAll(/^export (\w+)='(.*)'$/gm), ([, name = '', value = '']) => [name, value]));
}

/** The people of the env file say go for every role that is missing, gate by gate, until the run is closed. */
async function bringToItsEnd(run: string): Promise<void> {
  const { people } = parse(await readFile(join(folder, 'my-business/env.yaml'), 'utf8')) as {
    readonly people: readonly { readonly id: string; readonly roles: readonly string[] }[];
  };
  const set = await environment();
  for (;;) {
    const { code, stdout, stderr } = await cutoverCli(set, ['status', run, '--json']);
    if (code === 0) return;
    const { waiting } = JSON.parse(stdout) as { readonly waiting: { readonly missing: readonly string[] } | null };
    for (const role of code === 3 ? (waiting?.missing ?? []) : []) {
      const by = people.find(({ roles }) => roles.includes(role))?.id ?? '';
      await cutoverCli(set, ['decide', run, 'go', '--by', by, '--role', role, '--reason', 'adds up', '--yes']);
    }
    if (code !== 3 && code !== 5) throw new Error(stdout + stderr);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

test('the commands of docs/own-business.md bring a small business of its own from nothing to its close, and Ctrl-C leaves nothing', async () => {
  expect(await type(of('cp '), false)).toMatchObject({ code: 0 });
  await startServers();
  expect(await type(of('npm run -s cutover -- plan check'))).toMatchObject({
    code: 0,
    shown: expect.stringMatching(/^Plan own-business .* moves 3 accounts\./) as unknown,
  });
  expect(await type(of('npm run -s cutover -- start'))).toMatchObject({ code: 0 });
  const status = of('npm run -s cutover -- status');
  for (let seen = await type(status); seen.code !== 3; seen = await type(status)) expect([1, 5]).toContain(seen.code);
  expect((await type(of('npm run -s cutover -- gate'))).shown).toMatch(/^Gate baseline, attempt 1: open/);
  const decide = of('npm run -s cutover -- decide');
  expect(await type(decide)).toMatchObject({ code: 0, shown: expect.stringMatching(/go by finance \(finance\) on baseline/) as unknown });
  await bringToItsEnd('cutover/own-business/1');
  expect(await type(of('npm run -s cutover -- report'))).toMatchObject({ code: 0 });
  expect(existsSync(join(folder, 'cutover-reports/own-business/1/report.html'))).toBe(true);
  const tables = JSON.parse((await type(of('node -e'))).shown) as Record<string, readonly Readonly<Record<string, unknown>>[]>;
  expect(tables['sale.sale']?.map(({ reference, state }) => [reference, state]).sort()).toEqual([
    ['7001', 'processing'],
    ['7002', 'processing'],
    ['7004', 'processing'],
  ]);
  const ended = new Promise<number | null>((resolve) => servers?.once('exit', resolve));
  process.kill(-(servers?.pid ?? 0), 'SIGINT');
  await ended;
  servers = null;
  expect(existsSync(join(folder, 'my-business/environment.sh'))).toBe(false);
});
