import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportData } from '../../contracts/report.ts';
import { freePort } from '../../scripts/dev/ports.ts';
import { cutoverCli, type CliResult } from '../../scripts/dev/run-driver.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { dropDatabases } from '../support/own-ledger.ts';
import { run, startStoredRun, type StoredRun } from './stored-run.ts';

let folder = '';
let stored: StoredRun;
let factsHash = '';
let environment: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-report-'));
  stored = await startStoredRun();
  ({ factsHash, environment } = stored);
});
afterAll(async () => {
  await stored.stop();
  await rm(folder, { recursive: true, force: true });
});

const cli = (...args: readonly string[]): Promise<CliResult> => cutoverCli(environment, args);

test('shows the open gate: limits, completeness, exceptions, notices, decisions so far, who is missing, and the command that decides it', async () => {
  const { code, stdout } = await cli('gate', run);
  expect(code).toBe(0);
  for (const text of [
    'Gate switch-pilot, attempt 1: open',
    factsHash,
    'pass: unexplained is 0, allowed is 0 (0 of 3)',
    'adds up: customer: source 3 = created 3 + unexplained 0',
    'crmAccount ALFKI: twoMatches',
    'confirming the orders',
    'From this go on 3 documents are confirmed.',
    'go by finance (finance), accepted',
    'go by it (finance), refused',
    'Missing: salesOps (sales-ops or rev-ops) and it (it).',
    'the wave is rolled back',
    `go --gate switch-pilot --attempt 1 --facts ${factsHash} --by `,
    'no-go --gate switch-pilot',
  ])
    expect(stdout).toContain(text);
});

test('names every open exception of a gate with --all', async () => {
  const { code, stdout } = await cli('gate', run, '--all');
  expect(code).toBe(0);
  expect(stdout).toContain('Open exceptions (twoMatches 1):\n   - crmAccount ALFKI: twoMatches: Two records match.\n');
});

test('says of what is under way how far it is', async () => {
  expect((await cli('status', run)).stdout).toContain('Under way:\n   - load of customer in pilot: 1 of 1 records\n');
});

test('prints a gate as one JSON object, and says which gates there were when it is asked for another', async () => {
  const shown = JSON.parse((await cli('gate', run, 'switch-pilot', '--json')).stdout) as {
    readonly missing: unknown;
    readonly factsHash: unknown;
  };
  expect(shown).toMatchObject({
    gate: 'switch-pilot',
    state: 'open',
    factsHash,
    missing: ['salesOps', 'it'],
    reasons: ['Two records match.'],
  });
  const { code, stderr } = await cli('gate', run, 'close');
  expect([code, stderr]).toEqual([2, 'There was no gate close in this run yet.\nThere were: switch-pilot.\n']);
});

test('writes a report of the run from the ledger alone, as a page and as JSON that say the same', async () => {
  const { code, stdout } = await cli('report', run, '--out', folder, '--json');
  expect(code).toBe(0);
  const files = JSON.parse(stdout) as { readonly page: string; readonly json: string };
  const page = await readFile(files.page, 'utf8');
  const data = JSON.parse(await readFile(files.json, 'utf8')) as ReportData;
  expect(data).toMatchObject({ run, plan: 'northwind', mode: 'rehearsal', state: 'open', phase: 'parallelRun' });
  expect(data.gates[0]?.decisions.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused']);
  expect(data.waves.find(({ name }) => name === 'pilot')).toMatchObject({
    state: 'loading',
    accounts: 12,
    equations: [{ object: 'customer', balanced: true }],
    counters: [
      { name: 'applied', value: 3 },
      { name: 'refused', value: 0 },
    ],
  });
  for (const text of ['switch-pilot, attempt 1', 'the books agree', 'Two records match.', data.planHash, data.envHash])
    expect(page).toContain(text);
});

test.each(['a file', '/proc'])(
  'says that a folder below %s cannot be written to instead of failing, or hanging, without a word',
  async (place) => {
    const above = place === 'a file' ? join(folder, 'a-file') : place;
    if (place === 'a file') await writeFile(above, '');
    const below = join(above, 'below', 'and-below');
    const { code, stderr } = await cli('report', run, '--out', below);
    expect([code, stderr]).toEqual([1, `The report cannot be written to ${below}.\nName a folder that can be written to with --out.\n`]);
  },
);

test('shows what the ledger has when Temporal cannot be reached, and calls that a fault', async () => {
  const { code, stdout } = await cli('status', run);
  expect(code).toBe(1);
  expect(stdout.split('\n')[0]).toMatch(
    /^Temporal at 127\.0\.0\.1:\d+ cannot be reached\. Start it, .* In the ledger gate switch-pilot, attempt 1, is open for salesOps and it; .* If nobody acts by /,
  );
  for (const text of [
    'Phase parallelRun',
    'pilot: loading, attempt 1, 12 accounts (customer load applied 3)',
    'write-errors in pilot: pass',
    'Open exceptions: twoMatches 1.',
    'Going back undoes 0 effects',
    'Refused messages: 1',
  ]) {
    expect(stdout).toContain(text);
  }
});

test('shows each guard with what was measured last, and when', async () => {
  const figures = { warn: false, k: 0, n: 558, eValue: null, measuredAt: new Date('2026-11-24T08:00:00Z') };
  const seen = { guard: 'write-errors', wave: 'pilot', attempt: 1, verdict: 'pass' as const, reason: 'none of 558.' };
  await stored.ledger.guards.look(run, { ...seen, ...figures });
  const { stdout } = await cli('status', run);
  expect(stdout).toContain('write-errors in pilot: pass. none of 558. Measured 2026-11-24 08:00:00 UTC.');
  expect(stdout).not.toContain('none of 3');
});

test.each([
  ['status', 1, 'Phase parallelRun'],
  ['report', 0, 'report.html'],
])('%s reads the ledger over two connections, whatever it shows', async (command, expected, text) => {
  const name = new URL(environment['CUTOVER_LEDGER_URL'] ?? '').pathname.slice(1);
  const limited = (limit: number): Promise<unknown> =>
    askDatabase(stored.postgres.url('postgres'), [
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`,
      `alter database ${name} connection limit ${String(limit)}`,
    ]);
  await limited(2);
  try {
    const { code, stdout, stderr } = await cli(command, run, ...(command === 'report' ? ['--out', folder] : []));
    expect([code, stderr]).toEqual([expected, '']);
    expect(stdout).toContain(text);
  } finally {
    await limited(-1);
  }
});

const signed = ['--by', 'it', '--role', 'it', '--reason', 'seen'];
test.each([
  [
    'a go',
    ['decide', run, 'go'],
    ['Gate switch-pilot, attempt 1: open.', 'Open exceptions', 'Say go on gate switch-pilot, attempt 1, facts '],
  ],
  [
    'a no-go at a switch',
    ['decide', run, 'no-go'],
    [
      'A no-go at gate switch-pilot takes wave pilot back',
      'Cannot be undone once done: ',
      'Say no-go on gate switch-pilot, and take wave pilot ',
    ],
  ],
  ['a rollback', ['rollback', run, '--scope', 'run'], ['Going back undoes 0 effects', `Take back the whole run ${run}?`]],
])('%s without a terminal says what will follow before it is refused, and names --yes', async (_what, args, said) => {
  const { code, stdout, stderr } = await cli(...args, ...signed);
  expect([code, stdout]).toEqual([2, '']);
  for (const text of said) expect(stderr).toContain(text);
  expect(stderr).toMatch(/\?\nThis needs a confirmation, and there is no terminal to ask at\.\n.*--yes\.\n$/);
  const told = JSON.parse((await cli(...args, ...signed, '--json')).stdout) as Readonly<Record<string, unknown>>;
  expect(Object.keys(told)).toEqual(['error', 'remedy']);
});

test.each([
  ['a run nobody knows', ['gate', 'cutover/northwind/9'], 1, /^The ledger knows no run cutover\/northwind\/9\.\n/],
  ['an id that is none', ['status', 'northwind'], 2, /^"northwind" is no run id\.\nA run id is cutover\/<plan>\/<attempt>/],
  [
    'a go without a confirmation',
    ['decide', run, 'go', '--by', 'it', '--role', 'it', '--reason', 'seen'],
    2,
    /needs a confirmation.*\n.*--yes/,
  ],
  [
    'a rollback without a confirmation',
    ['rollback', run, '--scope', 'run', '--by', 'it', '--role', 'it', '--reason', 'seen'],
    2,
    /needs a confirmation.*\n.*--yes/,
  ],
  [
    'a rollback of a wave that is not there',
    ['rollback', run, '--scope', 'nowhere', '--by', 'it', '--role', 'it', '--reason', 'seen'],
    2,
    /no wave nowhere\.\nName run, or one of: pilot, expansion1\./,
  ],
  [
    'a rollback of a wave that is not there, not to be asked about,',
    ['rollback', run, '--scope', 'nowhere', '--by', 'it', '--role', 'it', '--reason', 'seen', '--yes'],
    2,
    /no wave nowhere\.\nName run, or one of: pilot, expansion1\./,
  ],
  [
    'a hold of a wave that is not there',
    ['hold', run, '--scope', 'nowhere', '--by', 'it', '--role', 'it', '--reason', 'seen'],
    2,
    /^The run has no wave nowhere\.\nName run, or one of: pilot, expansion1\./,
  ],
  [
    'a go at a gate that is not open',
    ['decide', run, 'go', '--gate', 'switch-expansion1', '--by', 'it', '--role', 'it', '--reason', 'seen', '--yes'],
    2,
    /^Gate switch-expansion1 is not open now\.\nSee what the run waits for: .*status/,
  ],
  [
    'a message with a reason that is none',
    ['hold', run, '--by', 'it', '--role', 'it', '--reason', ' '],
    2,
    /say why.*\nCorrect the command; nothing was sent\./,
  ],
  [
    'a message with an id that is none',
    ['hold', run, '--by', 'it', '--role', 'it', '--reason', 'x', '--request-id', 'x'],
    2,
    /8 to 64 letters/,
  ],
  [
    'a message while Temporal is away',
    ['hold', run, '--by', 'it', '--role', 'it', '--reason', 'x'],
    1,
    /^Temporal at 127\.0\.0\.1:\d+ cannot be reached\.\n/,
  ],
])('answers %s with a plain sentence and a remedy', async (_what, args, expected, words) => {
  const { code, stdout, stderr } = await cli(...args);
  expect(code).toBe(expected);
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
});

test('names a ledger that cannot be entered, one without tables, and one that is not set, and never repeats the address', async () => {
  const secret = 'hunter2';
  await stored.postgres.createDatabase('empty');
  const ask = async (url: string): Promise<string> => (await cutoverCli({ ...environment, CUTOVER_LEDGER_URL: url }, ['gate', run])).stderr;
  const away = await ask(`postgresql://cutover:${secret}@127.0.0.1:${String(await freePort())}/ledger`);
  expect(away).toMatch(/^The ledger database cannot be reached \(ECONNREFUSED\)\./);
  expect(away).not.toContain(secret);
  expect(await ask(stored.postgres.url('empty'))).toMatch(
    /^The ledger database has no tables yet\.\n.*cutover migrate, with CUTOVER_LEDGER_ADMIN_URL.*job ledger-schema/,
  );
  await dropDatabases(stored.postgres, ['empty']);
  expect(await ask(stored.postgres.url('nowhere'))).toMatch(/cannot be reached \(3D000\)/);
  expect(await ask('')).toMatch(/^CUTOVER_LEDGER_URL is not set/);
});

test('lists the runs that the ledger knows, the newest first, with how each stands and the command that says more', async () => {
  const refused = 'cutover/other/1';
  const { planHash, envHash } = await stored.ledger.runs.get(run);
  await stored.ledger.runs.open(refused, planHash, envHash);
  await stored.ledger.runs.end(refused, 'refused');
  const { code, stdout } = await cli('runs');
  expect(code).toBe(0);
  const instant = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`;
  const [other = '', first = '', ...rest] = stdout.split('\n');
  expect(other).toMatch(new RegExp(`^${refused}: refused, began ${instant}, ended ${instant}\\. Next: .* status ${refused}$`));
  expect(first).toMatch(new RegExp(`^${run}: open, phase parallelRun, began ${instant}\\. Next: .* status ${run}$`));
  expect(rest).toEqual(['']);
  const { runs } = JSON.parse((await cli('runs', '--json')).stdout) as { readonly runs: readonly object[] };
  const [rows] = await askDatabase(environment['CUTOVER_LEDGER_URL'] ?? '', ['select id, state, phase from run order by started_at desc']);
  expect(runs).toEqual(rows?.map(({ id, ...stands }) => expect.objectContaining({ run: id, ...stands, held: null }) as unknown));
});

test('keeps to one JSON object with --json, for an error as well', async () => {
  const { code, stdout, stderr } = await cli('gate', 'cutover/northwind/9', '--json');
  expect([code, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout)).toEqual({
    error: 'The ledger knows no run cutover/northwind/9.',
    remedy: expect.stringContaining('Correct the id') as unknown,
  });
});
