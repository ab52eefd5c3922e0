import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withCommandTable } from '../../scripts/command-table.ts';
import { schemaFiles } from '../../scripts/json-schema.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import { cutoverCli } from '../../scripts/dev/run-driver.ts';
import { writePlanFiles } from '../support/plan-files.ts';

const example = (name: string): string => join(projectRoot, 'examples', 'northwind', name);
const commands = ['plan check', 'start', 'status', 'gate', 'decide', 'hold', 'resume', 'rollback', 'report'] as const;

test('checks the example plan, foretells what it will do and touches nothing: it needs neither a ledger nor Temporal', async () => {
  const { code, stdout } = await cutoverCli({ CUTOVER_LEDGER_URL: '', TEMPORAL_ADDRESS: '' }, [
    'plan',
    'check',
    example('plan.yaml'),
    '--env',
    example('rehearsal.yaml'),
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Plan northwind \(env rehearsal, mode rehearsal\) moves 91 accounts\./);
});

test('ends with 1 and every problem when a plan is not sound, and starts nothing', async () => {
  const files = await writePlanFiles({
    plan: (plan) => {
      plan['colour'] = 'blue';
    },
    env: (env) => {
      env['mode'] = 'live';
    },
  });
  try {
    const checked = await cutoverCli({}, ['plan', 'check', files.planFile, '--env', files.envFile, '--json']);
    expect(checked.code).toBe(1);
    const { ok, problems } = JSON.parse(checked.stdout) as {
      readonly ok: boolean;
      readonly problems: readonly { readonly path: string; readonly line: number }[];
    };
    expect([ok, problems.map(({ path }) => path)]).toEqual([false, ['colour', 'mode']]);
    const started = await cutoverCli({ CUTOVER_LEDGER_URL: '' }, ['start', files.planFile, '--env', files.envFile]);
    expect([started.code, started.stdout]).toEqual([1, expect.stringContaining('Live runs are not offered yet.')]);
  } finally {
    await files.remove();
  }
});

test.each([
  ['no command', []],
  ['an unknown command', ['begin']],
  ['an unknown option', ['status', 'cutover/a/1', '--loud']],
  ['a missing option', ['start', 'plan.yaml']],
  ['a verdict that is none', ['decide', 'cutover/a/1', 'maybe', '--by', 'it', '--role', 'it', '--reason', 'x']],
  ['a role that is none', ['hold', 'cutover/a/1', '--by', 'it', '--role', 'boss', '--reason', 'x']],
  ['an attempt that is none', ['start', 'plan.yaml', '--env', 'env.yaml', '--attempt', '0']],
  ['an attempt of a gate that is none', ['decide', 'cutover/a/1', 'go', '--attempt', 'abc', '--by', 'it', '--role', 'it', '--reason', 'x']],
  ['a run id that is none', ['rollback', 'a', '--scope', 'east', '--by', 'it', '--role', 'it', '--reason', 'x', '--yes']],
  ['a wait that is none', ['hold', 'cutover/a/1', '--by', 'it', '--role', 'it', '--reason', 'x', '--wait', 'long']],
])('ends with 2 when it is called with %s', async (_what, args) => {
  expect((await cutoverCli({}, args)).code).toBe(2);
});

test('describes every command with every option in docs/cli.md', async () => {
  const page = await readFile(join(projectRoot, 'docs', 'cli.md'), 'utf8');
  for (const command of commands) {
    const { code, stdout } = await cutoverCli({}, [...command.split(' '), '--help']);
    expect(code).toBe(0);
    const section = page.split(/^## /m).find((part) => part.startsWith(`cutover ${command}`)) ?? '';
    const options = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option ?? '');
    expect({ command, missing: options.filter((option) => !section.includes(option) && option !== '--json') }).toEqual({
      command,
      missing: [],
    });
  }
});

test('keeps the JSON Schemas in docs/schema as the plan and env are read', async () => {
  for (const [name, text] of Object.entries(schemaFiles()))
    expect(await readFile(join(projectRoot, 'docs', 'schema', name), 'utf8')).toBe(text);
});

test('prints the stack of an error only where CUTOVER_DEBUG asks for it', async () => {
  const ask = (more: Record<string, string>): ReturnType<typeof cutoverCli> =>
    cutoverCli({ CUTOVER_LEDGER_URL: '', ...more }, ['gate', 'cutover/a/1']);
  expect((await ask({})).stderr).not.toMatch(/\n\s+at /);
  expect((await ask({ CUTOVER_DEBUG: '1' })).stderr).toMatch(/\n\s+at /);
});

test('keeps the table of commands in docs/cli.md as the program describes them', async () => {
  const page = await readFile(join(projectRoot, 'docs', 'cli.md'), 'utf8');
  expect(withCommandTable(page)).toBe(page);
  expect(page).toMatch(/^\| `plan check <plan.yaml>` \| .* \|$/m);
  expect(() => withCommandTable('# Nothing')).toThrow(/has no lines/);
});

test('prints the version of the package', async () => {
  const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { readonly version: string };
  expect(await cutoverCli({}, ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
});
