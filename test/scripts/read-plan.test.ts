import { afterEach, describe, expect, test } from 'vitest';
import { parseYaml } from '../../scripts/read-yaml.ts';
import { problemLines, readPlan, type PlanFiles } from '../../scripts/read-plan.ts';
import { writePlanFiles, type Changes, type WrittenFiles } from '../support/plan-files.ts';

type Json = Record<string, unknown>;
let written: WrittenFiles | null = null;
afterEach(async () => {
  await written?.remove();
  written = null;
});

async function check(changes: Changes): Promise<PlanFiles & { readonly files: WrittenFiles }> {
  written = await writePlanFiles(changes);
  return { ...(await readPlan(written.planFile, written.envFile)), files: written };
}

const at = (value: unknown, key: string): Json => (value as Json)[key] as Json;

test('reads a sound plan and env, each with the hash of the document as it was written', async () => {
  const first = await check({});
  expect(first.problems).toEqual([]);
  expect(first.plan?.hash).toMatch(/^[0-9a-f]{64}$/);
  const turned = await check({
    plan: (plan) => {
      const [name, ...rest] = Object.entries(plan);
      for (const key of Object.keys(plan)) Reflect.deleteProperty(plan, key);
      Object.assign(plan, Object.fromEntries([...rest, name!]));
    },
  });
  expect(turned.plan?.hash).toBe(first.plan?.hash);
  const other = await check({
    plan: (plan) => {
      at(plan, 'freeze')['contact'] = 'somebody else';
    },
  });
  expect(other.plan?.hash).not.toBe(first.plan?.hash);
  expect(other.env?.hash).toBe(first.env?.hash);
});

test('keeps the document as it was written beside what it means, so that whoever reads it applies the schema', async () => {
  const { env } = await check({});
  expect(at(env?.body, 'timings')['soak']).toBe('1s');
  expect(env?.meaning.timings.soak).toBe(1000);
});

describe('names file, line, path, what is wrong and what to change for', () => {
  const cases: readonly (readonly [string, Changes, 'plan' | 'env', string, string, RegExp, RegExp])[] = [
    [
      'an unknown key',
      {
        plan: (plan) => {
          at(plan, 'pilot')['acounts'] = [];
        },
      },
      'plan',
      'acounts:',
      'pilot.acounts',
      /no key "acounts"/,
      /name, accounts/,
    ],
    [
      'an unknown key in one of several forms',
      {
        plan: (plan) => {
          at((plan['objects'] as Json[])[0], 'fields')['code'] = { from: 'key', fallbak: 'x' };
        },
      },
      'plan',
      'fallbak',
      'objects[0].fields.code.fallbak',
      /no key "fallbak"/,
      /fallback/,
    ],
    [
      'a form that fits nothing',
      {
        plan: (plan) => {
          at((plan['objects'] as Json[])[0], 'fields')['code'] = { form: 'key' };
        },
      },
      'plan',
      '      code:',
      'objects[0].fields.code',
      /fits none of the forms/,
      /from, as, zone, fallback, value, ref/,
    ],
    [
      'a missing key',
      {
        plan: (plan) => {
          Reflect.deleteProperty(plan, 'freeze');
        },
      },
      'plan',
      'name:',
      'freeze',
      /freeze is missing/,
      /Add it/,
    ],
    [
      'a wrong word',
      {
        plan: (plan) => {
          (at(at(plan, 'gates'), 'close')['roles'] as string[])[0] = 'boss';
        },
      },
      'plan',
      '- boss',
      'gates.close.roles[0]',
      /Entry 1 of roles/,
      /salesOps, revOps, finance/,
    ],
    [
      'a duration that is none',
      {
        env: (env) => {
          at(env, 'timings')['soak'] = 'soon';
        },
      },
      'env',
      'soak: soon',
      'timings.soak',
      /soak is not as it must be/,
      /is not a duration/,
    ],
    [
      'a gate without a limit',
      {
        plan: (plan) => {
          at(at(plan, 'gates'), 'close')['limits'] = [];
        },
      },
      'plan',
      'limits: []',
      'gates.close.limits',
      /limits is not as it must be/,
      /at least 1 entries/,
    ],
    [
      'a gate in a freeze without a deadline',
      {
        plan: (plan) => {
          Reflect.deleteProperty(at(at(plan, 'gates'), 'switch'), 'deadline');
        },
      },
      'plan',
      '  switch:',
      'gates.switch.deadline',
      /inside the freeze/,
      /deadline/,
    ],
    [
      'an empty wave',
      {
        plan: (plan) => {
          (plan['waves'] as Json[])[1]!['accounts'] = [];
        },
      },
      'plan',
      'accounts: []',
      'waves[1].accounts',
      /has no accounts/,
      /Give it accounts/,
    ],
    [
      'an account in two waves',
      {
        plan: (plan) => {
          ((plan['waves'] as Json[])[0]!['accounts'] as string[]).push('NEWONE');
          ((plan['waves'] as Json[])[1]!['accounts'] as string[])[0] = 'NEWONE';
        },
      },
      'plan',
      'never',
      'waves[1].accounts[0]',
      /"NEWONE" is in the waves/,
      /exactly one place/,
    ],
    [
      'two systems of record for one object',
      {
        plan: (plan) => {
          const [first] = plan['objects'] as Json[];
          (plan['objects'] as Json[]).push({ ...first, systemOfRecord: 'crm' });
        },
      },
      'plan',
      'never',
      'objects[7].systemOfRecord',
      /more than one system of record/,
      /one system whose word counts/,
    ],
    [
      'live mode',
      {
        env: (env) => {
          env['mode'] = 'live';
        },
      },
      'env',
      'mode: live',
      'mode',
      /Live runs are not offered yet/,
      /rehearsal/,
    ],
    [
      'flows',
      {
        plan: (plan) => {
          plan['flows'] = [{ name: 'orders' }];
        },
      },
      'plan',
      'flows:',
      'flows',
      /Live flows are not run yet/,
      /Remove flows/,
    ],
    [
      'tasks',
      {
        plan: (plan) => {
          plan['tasks'] = [];
        },
      },
      'plan',
      'tasks:',
      'tasks',
      /Tasks of people are not run yet/,
      /Remove tasks/,
    ],
    [
      'manual mode',
      {
        plan: (plan) => {
          at((plan['guards'] as Json[])[0], 'answer')['afterSwitch'] = 'manual';
        },
      },
      'plan',
      'afterSwitch: manual',
      'guards[0].answer.afterSwitch',
      /manual mode/,
      /pause or rollback/,
    ],
    ['a key that stands twice', { planText: (text) => `${text}version: 1\n` }, 'plan', 'never', '', /key version stands twice/, /Keep one/],
  ];
  test.each(cases)('%s', async (_name, changes, file, marker, path, message, remedy) => {
    const { problems, plan, files } = await check(changes);
    const problem = problems.find((candidate) => candidate.path === path && message.test(candidate.message));
    expect(problems.map((candidate) => problemLines(candidate).join(' '))).toContainEqual(expect.stringMatching(message));
    expect(problem?.file).toBe(file === 'plan' ? files.planFile : files.envFile);
    expect(problem?.remedy).toMatch(remedy);
    if (marker !== 'never') expect(problem?.line).toBe(files.lineOf(file, marker));
    expect(plan).toBeNull();
  });
});

test('tells of everything that is wrong in both files at once, in the order of their lines', async () => {
  const { problems, files } = await check({
    plan: (plan) => {
      plan['colour'] = 'blue';
      (plan['waves'] as Json[])[1]!['accounts'] = [];
      at(plan, 'pointer')['to'] = 'nobody';
    },
    env: (env) => {
      env['mode'] = 'live';
      at(env, 'systems')['warehouse'] = { url: { env: 'WAREHOUSE_URL' } };
    },
  });
  expect(problems.map(({ path }) => path)).toEqual(['pointer.to', 'waves[1].accounts', 'colour', 'mode', 'systems.warehouse']);
  expect(problems.map(({ file }) => file)).toEqual([files.planFile, files.planFile, files.planFile, files.envFile, files.envFile]);
  const lines = problems.slice(0, 3).map(({ line }) => line);
  expect(lines).toEqual([...lines].sort((a, b) => a - b));
});

test('finds a secret written in either file, and never repeats it', async () => {
  const secret = 'hunter2-and-more';
  const { problems } = await check({
    plan: (plan) => {
      at(at(plan, 'systems'), 'erp')['password'] = secret;
    },
    env: (env) => {
      at(at(env, 'systems'), 'erp')['password'] = secret;
    },
  });
  const text = problems.flatMap(problemLines).join('\n');
  expect(problems.filter(({ message }) => message.includes('looks like a secret')).map(({ file }) => file.endsWith('plan.yaml'))).toEqual([
    true,
    false,
  ]);
  expect(text).not.toContain(secret);
});

test('says of a text that is no YAML where it breaks, and of a file that is not there that it cannot be read', async () => {
  expect(parseYaml('p.yaml', 'name: a\nlist: [1, 2\nother: 3\n').problems[0]).toMatchObject({
    file: 'p.yaml',
    message: expect.stringContaining('no valid YAML') as unknown,
  });
  expect(parseYaml('p.yaml', 'name: *nowhere\n').problems[0]?.message).toContain('leads nowhere');
  expect(parseYaml('p.yaml', 'a: 1\n---\nb: 2\n').value).toBeUndefined();
  expect((await readPlan('/nowhere/plan.yaml', null)).problems).toEqual([
    {
      file: '/nowhere/plan.yaml',
      line: 1,
      path: '',
      message: 'This file cannot be read.',
      remedy: 'Correct its path, or let this user read it.',
    },
  ]);
});

test('finds the line of a value behind an anchor, and of keys that are numbers', () => {
  const yaml = parseYaml('p.yaml', 'base: &base\n  name: a\nuse: *base\ncodes:\n  7: seven\n');
  expect(yaml.at(['use', 'name'], '', '').line).toBe(2);
  expect(yaml.at(['codes', '7'], '', '')).toMatchObject({ line: 5, path: 'codes.7' });
  expect(yaml.at(['codes', '8'], '', '').line).toBe(4);
});
