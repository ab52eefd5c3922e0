import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { run } from '../../scripts/dev/run-program.ts';
import { asUser, askDatabase } from '../../scripts/dev/sql.ts';
import { readProjectFile } from '../support/docs.ts';

let parent = '';
let folder = '';
let servers: ChildProcess | null = null;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'cutover-own-'));
  folder = join(parent, 'my business');
  await cp(join(projectRoot, 'examples/own-business'), folder, { recursive: true });
});
afterEach(async () => {
  if (servers?.exitCode === null && servers.kill('SIGINT')) await once(servers, 'exit');
  servers = null;
  await rm(parent, { recursive: true, force: true });
});

const program = join(projectRoot, 'scripts/dev/own-business.ts');
const environmentFile = (): string => join(folder, 'environment.sh');

/** Every user that the document names for a person is let in with the password it names. */
async function expectPeopleMayEnter(environment: string): Promise<void> {
  const set = (name: string): string => new RegExp(`^export ${name}='(.*)'$`, 'm').exec(environment)?.[1] ?? '';
  const rows = readProjectFile('docs/own-business.md').matchAll(/^\| (legacy|ERP|CRM) \| `([^`]+)`, `([^`]+)` \|/gm);
  const [legacy, erp, crm] = Array.from(rows, ([, , user = '', password = '']) => ({ user, password }));
  if (legacy === undefined || erp === undefined || crm === undefined) throw new Error('the document names no users for people');
  const [written] = await askDatabase(asUser(set('CUTOVER_LEGACY_URL'), legacy.user, legacy.password), [
    'update customers set phone = phone returning number',
  ]);
  expect(written).not.toEqual([]);
  const address = { url: set('CUTOVER_ERP_URL'), database: set('CUTOVER_ERP_DATABASE'), salesPassword: erp.password };
  expect([erp.user, await (await ErpPerson.enter(address)).search('party.party', [])]).toEqual(['sales', expect.any(Array)]);
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: crm.user, client_secret: crm.password });
  expect((await fetch(`${set('CUTOVER_CRM_URL')}/services/oauth2/token`, { method: 'POST', body })).status).toBe(200);
}

test('a start in a folder with a blank says how to read its file, and a second start there refuses and leaves that file alone', async () => {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  servers = child;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let shown = '';
  const ready = new Promise<boolean>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString('utf8');
      if (shown.includes('Ctrl-C stops everything')) resolve(true);
    });
  });
  expect(await Promise.race([ready, ended])).toBe(true);
  const said = /In another terminal: (.*)/.exec(shown)?.[1] ?? '';
  expect(await run('sh', ['-c', `${said} && echo "$CUTOVER_ERP_URL"`])).toMatch(/^http:/);
  await expectPeopleMayEnter(await readFile(environmentFile(), 'utf8'));
  const before = await readFile(environmentFile(), 'utf8');
  await expect(run(process.execPath, [program, folder])).rejects.toThrow(
    /environment\.sh is there: a business runs in this folder already\. Stop/,
  );
  expect(await readFile(environmentFile(), 'utf8')).toBe(before);
  child.kill('SIGINT');
  await ended;
  expect(existsSync(environmentFile())).toBe(false);
});

test.each([
  ['erp.json', '{ "company": }', /own-business: erp\.json is no JSON: .*; mend it and start again/],
  ['legacy.sql', '\nselec 1;\n', /own-business: legacy\.sql, line 2: syntax error at or near "selec"; mend it there and start again/],
])('a broken %s is named with what is to be done, and no file is left', async (name, text, words) => {
  await writeFile(join(folder, name), text);
  await expect(run(process.execPath, [program, folder])).rejects.toThrow(words);
  expect(existsSync(environmentFile())).toBe(false);
});
