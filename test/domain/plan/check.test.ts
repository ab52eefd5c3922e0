import { describe, expect, test } from 'vitest';
import { checkPlan, checkPlanWithEnv } from '../../../domain/plan/check.ts';
import { sampleEnv, samplePlan } from '../../support/sample-plan.ts';

type PlanChange = Parameters<typeof samplePlan>[0];
type EnvChange = Parameters<typeof sampleEnv>[0];

/** Problems of a changed plan as `path: message`. */
function problems(change: PlanChange): string[] {
  return checkPlan(samplePlan(change)).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

function envProblems(change: EnvChange, changePlan?: PlanChange): string[] {
  return checkPlanWithEnv(samplePlan(changePlan), sampleEnv(change)).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('the sample plan and env have no problem', () => {
  expect(problems(() => null)).toEqual([]);
  expect(envProblems(() => null)).toEqual([]);
});

test('every problem says what to do, in a sentence of its own', () => {
  const found = [
    ...checkPlan(samplePlan((raw) => Object.assign(raw, { waves: [raw.pilot, { name: 'run', accounts: [] }], flows: [] }))),
    ...checkPlanWithEnv(
      samplePlan(),
      sampleEnv((raw) => Object.assign(raw, { mode: 'live', systems: {} })),
    ),
  ];
  expect(found.length).toBeGreaterThan(8);
  for (const { message, remedy } of found) {
    expect(message).toMatch(/^[A-Z"].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  }
});

describe('names', () => {
  test('one object with two systems of record is refused as that', () => {
    expect(problems((raw) => raw.objects.push({ ...raw.objects[1]!, systemOfRecord: 'legacy' }))).toEqual([
      'objects.3.systemOfRecord: "accounts" has more than one system of record: crm and legacy.',
    ]);
  });

  test('an object, wave, guard, archive entry or expectation may not stand twice', () => {
    expect(problems((raw) => raw.objects.push(raw.objects[1]!))).toEqual(['objects.3.name: There are two objects "accounts".']);
    expect(problems((raw) => (raw.waves[1]!.name = 'pilot'))).toEqual(['waves.1.name: There are two waves "pilot".']);
    expect(problems((raw) => raw.guards.push(raw.guards[0]!))).toEqual(['guards.1.name: There are two guards "writeErrors".']);
    expect(problems((raw) => raw.archive.push(raw.archive[0]!))).toEqual([
      'archive.1: There are two archive entries "orders shippedOrders".',
    ]);
    expect(problems((raw) => raw.expectations.push(raw.expectations[0]!))).toEqual([
      'expectations.1: There are two expectations "customers ALFKI".',
    ]);
  });

  test('a wave may not have a name that means something else', () => {
    expect(problems((raw) => (raw.pilot.name = 'shared'))).toEqual(['pilot.name: A wave cannot be called "shared".']);
    expect(problems((raw) => (raw.waves[0]!.name = 'run'))).toEqual(['waves.0.name: A wave cannot be called "run".']);
  });
});

describe('references', () => {
  test('a system that is not there is refused with those that are', () => {
    const [problem, ...others] = checkPlan(samplePlan((raw) => (raw.roles.archive = 'cellar')));
    expect(problem).toEqual({
      file: 'plan',
      path: ['roles', 'archive'],
      message: 'There is no system "cellar".',
      remedy: 'Use one of: legacy, erp, crm, vault.',
    });
    expect(others).toEqual([]);
  });

  test('a system must be able to do what it is named for', () => {
    expect(problems((raw) => (raw.roles.archive = 'crm'))).toEqual([
      'roles.archive: System "crm" has the adapter salesforce, which cannot do this.',
    ]);
    expect(problems((raw) => (raw.canaries[0]!.system = 'legacy'))).toEqual([
      'canaries.0.system: System "legacy" has the adapter sql, which cannot do this.',
    ]);
    expect(problems((raw) => (raw.objects[0]!.source.system = 'crm'))).toContain(
      'objects.0.source.system: System "crm" has the adapter salesforce, which cannot do this.',
    );
  });

  test('a query must be one of its system', () => {
    expect(problems((raw) => (raw.objects[0]!.source.query = 'clients'))).toContain('objects.0.source.query: There is no query "clients".');
    expect(problems((raw) => (raw.archive[0]!.query = 'clients'))).toContain('archive.0.query: There is no query "clients".');
    const [problem] = checkPlan(samplePlan((raw) => Object.assign(raw.systems.legacy, { queries: {} })));
    expect(problem?.remedy).toBe('Use one of: none is there yet.');
  });

  test('an archive entry and an expectation must name objects', () => {
    expect(problems((raw) => (raw.archive[0]!.object = 'bills'))).toContain('archive.0.object: There is no object "bills".');
    expect(problems((raw) => (raw.expectations[0]!.object = 'bills'))).toEqual(['expectations.0.object: There is no object "bills".']);
  });

  test('the pointer goes from an object of the CRM to one of the new system', () => {
    expect(problems((raw) => (raw.pointer.to = 'bills'))).toEqual(['pointer.to: There is no object "bills".']);
    expect(problems((raw) => (raw.pointer = { object: 'orders', to: 'accounts' }))).toEqual([
      'pointer.object: "orders" is not an object of the CRM.',
      'pointer.to: "accounts" is not an object of the new system.',
    ]);
  });

  test('the system of record is source or target', () => {
    expect(problems((raw) => (raw.objects[0]!.systemOfRecord = 'crm'))).toEqual([
      'objects.0.systemOfRecord: The system of record of "customers" is neither its source nor its target.',
    ]);
  });

  test('only a matched object has a fallback', () => {
    expect(problems((raw) => Object.assign(raw.objects[0]!, { fallback: 'X' }))).toEqual([
      'objects.0.fallback: "customers" is moved and has a fallback.',
    ]);
  });
});

describe('the order of objects', () => {
  test('a reference to no object is refused, at any depth', () => {
    expect(problems((raw) => (raw.objects[2]!.fields.lines!.fields.buyer.ref = 'clients'))).toEqual([
      'objects.2.fields.lines.fields.buyer.ref: "orders" refers to "clients", which is no object of this plan.',
    ]);
  });

  test('a reference to a later object is refused', () => {
    const found = problems((raw) => raw.objects.reverse());
    expect(found).toHaveLength(3);
    expect(found).toContain('objects.0.parent.object: "orders" refers to "customers", which is loaded after it.');
  });

  test('references in a circle are refused, a circle of one too', () => {
    expect(problems((raw) => Object.assign(raw.objects[0]!.fields, { last: { ref: 'orders', from: 'last' } }))).toContain(
      'objects.0.fields.last.ref: "customers" and "orders" refer to each other.',
    );
    expect(problems((raw) => Object.assign(raw.objects[0]!.fields, { head: { ref: 'customers', from: 'head' } }))).toContain(
      'objects.0.fields.head.ref: "customers" refers to itself.',
    );
  });

  test('a reference to no object is refused once, whoever refers to the object that has it', () => {
    expect(problems((raw) => Object.assign(raw.objects[0]!.fields, { group: { ref: 'groups', from: 'group_id' } }))).toEqual([
      'objects.0.fields.group.ref: "customers" refers to "groups", which is no object of this plan.',
    ]);
  });

  test('a canary refers to objects and to earlier canaries', () => {
    expect(problems((raw) => raw.canaries.reverse())).toEqual([
      'canaries.0.fields.party.ref: Canary "canarySale" refers to "canaryParty", which is neither an object nor an earlier canary.',
    ]);
  });
});

describe('waves', () => {
  test('an account is in one wave only, and there once', () => {
    expect(problems((raw) => raw.waves[1]!.accounts.push('SIMOB', 'BONAP'))).toEqual([
      'waves.1.accounts.1: Account "SIMOB" is in the waves "east" and "west".',
      'waves.1.accounts.2: Account "BONAP" is twice in wave "west".',
    ]);
  });

  test('a wave has accounts', () => {
    expect(problems((raw) => (raw.waves[1]!.accounts = []))).toContain('waves.1.accounts: Wave "west" has no accounts.');
    expect(problems((raw) => (raw.pilot.accounts = []))).toContain('pilot.accounts: Wave "pilot" has no accounts.');
  });

  test('the pilot is small', () => {
    const many = Array.from({ length: 21 }, (_, index) => `P${String(index)}`);
    expect(problems((raw) => (raw.pilot.accounts = many))).toEqual(['pilot.accounts: The pilot has 21 accounts.']);
    expect(problems((raw) => raw.pilot.accounts.push('LINOD'))).toEqual([
      'pilot.accounts: The pilot has as many accounts as all other waves together.',
    ]);
  });
});

describe('gates', () => {
  test('a limit speaks of a metric that is described', () => {
    expect(problems((raw) => (raw.gates.close = { ...raw.gates.close, limits: [{ metric: 'openExceptions', max: 0 }] }))).toEqual([
      'gates.close.limits.0.metric: Metric "openExceptions" has no sheet.',
    ]);
  });

  test('an expectation has a limit of a gate or a guard that speaks of it', () => {
    const limits = [{ metric: 'unexplained', max: 0 }];
    expect(problems((raw) => (raw.gates.switch.limits = limits))).toEqual([
      'expectations: No gate and no guard has a limit on expectationsUnmet, so what is expected here has no effect.',
    ]);
    const elsewhere = { metric: 'expectationsUnmet', kind: 'count' };
    const unless = (change: NonNullable<PlanChange>) =>
      problems((raw) => {
        raw.gates.switch.limits = limits;
        change(raw);
      });
    expect(unless((raw) => Object.assign(raw.guards[0]!, elsewhere))).toEqual([]);
    expect(unless((raw) => Object.assign(raw, { expectations: [] }))).toEqual([]);
  });

  test('decisions outlast the deadline', () => {
    expect(problems((raw) => (raw.gates.retry = { ...raw.gates.retry, validity: '59m' }))).toEqual([
      'gates.retry.validity: Decisions on gate "retry" lapse before its deadline.',
    ]);
    expect(problems((raw) => (raw.gates.retry = { ...raw.gates.retry, validity: '1h' }))).toEqual([]);
  });

  test('only the switch gate has a wave that its deadline can roll back', () => {
    expect(problems((raw) => (raw.gates.close = Object.assign({}, raw.gates.close, { atDeadline: 'rollback' })))).toEqual([
      'gates.close.atDeadline: Gate "close" has no wave that its deadline could roll back.',
    ]);
    expect(problems((raw) => (raw.gates.switch = Object.assign({}, raw.gates.switch, { atDeadline: 'rollback' })))).toEqual([]);
  });

  test('the switch gate has a deadline, other gates need none', () => {
    const without = { ...samplePlan().gates };
    expect(without.close.deadline).toBe(3_600_000);
    expect(
      problems((raw) => {
        Reflect.deleteProperty((raw.gates.close = { ...raw.gates.close }), 'deadline');
        Reflect.deleteProperty((raw.gates.switch = { ...raw.gates.switch }), 'deadline');
      }),
    ).toEqual(['gates.switch.deadline: The switch gate stands inside the freeze of its accounts and has no deadline.']);
  });

  test('the deadline of the switch gate lies inside the lease', () => {
    expect(envProblems((raw) => (raw.timings.lease = '1h'))).toEqual([
      'timings.lease: The freeze of a wave would end before the deadline of its switch gate.',
    ]);
    expect(
      envProblems(
        () => null,
        (raw) => Reflect.deleteProperty((raw.gates.switch = { ...raw.gates.switch }), 'deadline'),
      ),
    ).toEqual([]);
  });
});

describe('guards', () => {
  test('a guard watches a metric that is described', () => {
    expect(problems((raw) => (raw.guards[0]!.metric = 'notHarmless'))).toEqual(['guards.0.metric: Metric "notHarmless" has no sheet.']);
  });

  test('a guard does not call harmful what the switch itself does', () => {
    const harm = (stages: readonly string[]) =>
      problems((raw) => {
        Object.assign(raw.metrics, { notHarmless: raw.metrics.unexplained });
        Object.assign(raw.guards[0]!, { metric: 'notHarmless', kind: 'count', stages });
      });
    expect(harm(['shadow', 'frozen', 'switched'])).toEqual([]);
    expect(harm(['frozen', 'switching'])).toEqual([
      'guards.0.stages: Guard "writeErrors" watches notHarmless while a wave is switching, and the switch itself makes its documents active.',
    ]);
  });

  test('a sample that the smallest wave need not reach needs an exact count', () => {
    expect(problems((raw) => Reflect.deleteProperty(raw.guards[0]!, 'exactCount'))).toEqual([
      'guards.0.minimumSample: Guard "writeErrors" needs 50 records to judge, and wave "west" may not have as many.',
    ]);
    expect(problems((raw) => Reflect.deleteProperty(Object.assign(raw.guards[0]!, { minimumSample: 1 }), 'exactCount'))).toEqual([]);
    expect(problems((raw) => Reflect.deleteProperty(Object.assign(raw.guards[0]!, { kind: 'count' }), 'exactCount'))).toEqual([]);
  });

  test('a rate that can never be passed is refused', () => {
    expect(problems((raw) => (raw.guards[0]!.limit = 1))).toEqual(['guards.0.limit: Guard "writeErrors" allows every record to fail.']);
    expect(problems((raw) => Object.assign(raw.guards[0]!, { kind: 'count', limit: 5 }))).toEqual([]);
  });
});

describe('what is not run yet', () => {
  test('flows, tasks and manual mode are refused by name', () => {
    expect(problems((raw) => Object.assign(raw, { flows: [], tasks: [{}] }))).toEqual([
      'flows: Live flows are not run yet.',
      'tasks: Tasks of people are not run yet.',
    ]);
    expect(problems((raw) => (raw.guards[0]!.answer = { beforeSwitch: 'manual', afterSwitch: 'manual' }))).toEqual([
      'guards.0.answer.beforeSwitch: Guard "writeErrors" answers with manual mode, which is not run yet.',
      'guards.0.answer.afterSwitch: Guard "writeErrors" answers with manual mode, which is not run yet.',
    ]);
  });

  test('a live run is refused in a plain sentence', () => {
    expect(envProblems((raw) => (raw.mode = 'live'))).toEqual(['mode: Live runs are not offered yet.']);
  });
});

describe('secrets', () => {
  const secret = 'hunter2';
  test.each<[string, PlanChange]>([
    ['objects.0.fields.password.value', (raw) => Object.assign(raw.objects[0]!.fields, { password: { value: secret } })],
    [
      'objects.0.fields.apiKey.text',
      (raw) => Object.assign(raw.objects[0]!.fields, { apiKey: { text: `https://me:${secret}@erp.example` } }),
    ],
    ['freeze.contact', (raw) => (raw.freeze.contact = `postgres://cutover:${secret}@db/erp`)],
    ['freeze.reason', (raw) => (raw.freeze.reason = `-----BEGIN RSA PRIVATE KEY-----\n${secret}`)],
    ['tasks.0.token', (raw) => Object.assign(raw, { tasks: [{ token: secret, count: 1, note: '' }] })],
  ])('one written at %s is reported by its place, never by its value', (place, change) => {
    const found = checkPlan(samplePlan(change)).filter(({ message }) => message.startsWith('This looks like a secret'));
    expect(found.map(({ path }) => path.join('.'))).toEqual([place]);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  test('a column that is called so is none', () => {
    expect(problems((raw) => Object.assign(raw.objects[0]!.fields, { token: { from: 'token' }, secretary: { value: '' } }))).toEqual([]);
  });
});

describe('systems and people of the environment', () => {
  test('every system of the plan is there, and no other', () => {
    const change: EnvChange = (raw) => {
      Reflect.deleteProperty(raw.systems, 'vault');
      Object.assign(raw.systems, { cellar: {} });
    };
    expect(envProblems(change)).toEqual([
      'systems: The env file says nothing about system "vault".',
      'systems.cellar: The plan has no system "cellar".',
    ]);
  });

  test('every role of the plan is held by somebody', () => {
    expect(envProblems((raw) => (raw.people[1]!.roles = ['revOps']))).toEqual(['people: Nobody holds the role it, which the plan uses.']);
  });

  test('every seat of a gate can be filled by somebody of its own', () => {
    const found = envProblems((raw) => (raw.people = [{ id: 'ada', roles: ['finance', 'it'] }]));
    expect(found).toHaveLength(4);
    expect(found[1]).toBe('people: Gate "switch" needs one person a role, and nobody is left for it.');
  });

  test('people are named once, with a deputy who is one of them', () => {
    expect(envProblems((raw) => raw.people.push({ id: 'bo', roles: ['it'], deputy: 'bo' }))).toEqual([
      'people.3.id: There are two people "bo".',
      'people.3.deputy: "bo" is their own deputy.',
    ]);
    expect(envProblems((raw) => (raw.people[0]!.deputy = 'mallory'))).toEqual([
      'people.0.deputy: The deputy "mallory" is not among the people.',
    ]);
  });
});
