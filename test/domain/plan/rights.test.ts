import { expect, test } from 'vitest';
import { checkPlan, checkPlanWithEnv } from '../../../domain/plan/check.ts';
import { planSchema } from '../../../domain/plan/plan.ts';
import { decisionVerbs, rolesThatMay, type Rights } from '../../../domain/plan/rights.ts';
import { sampleEnv, samplePlan } from '../../support/sample-plan.ts';

const withRights = (rights: Rights): ReturnType<typeof samplePlan> => samplePlan((raw) => Object.assign(raw, { rights }));
const problems = (rights: Rights): readonly string[] => {
  const plan = withRights(rights);
  return [...checkPlan(plan), ...checkPlanWithEnv(plan, sampleEnv())].map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('without rights the seats of a gate say go and no-go there, and the seats of any gate hold, resume and roll back', () => {
  const plan = samplePlan((raw) => (raw.gates.close = { ...raw.gates.close, roles: ['revOps'] }));
  expect(rolesThatMay(plan, 'go', 'switch')).toEqual(['finance', 'it']);
  expect(rolesThatMay(plan, 'noGo', 'close')).toEqual(['revOps']);
  for (const verb of ['noGo', 'hold', 'resume', 'rollback'] as const)
    expect(rolesThatMay(plan, verb, null)).toEqual(['finance', 'it', 'revOps']);
  expect(rolesThatMay(plan, 'hold', 'switch')).toEqual(['finance', 'it', 'revOps']);
});

test('a right names roles for a kind of gate, or for all that are not named', () => {
  const plan = withRights({ noGo: { '*': ['it'], switch: ['revOps', 'finance'] }, hold: { switch: ['revOps'] } });
  expect(rolesThatMay(plan, 'noGo', 'switch')).toEqual(['revOps', 'finance']);
  expect(rolesThatMay(plan, 'noGo', 'close')).toEqual(['it']);
  expect(rolesThatMay(plan, 'noGo', null)).toEqual(['it']);
  expect(rolesThatMay(plan, 'hold', null)).toEqual(['finance', 'it']);
});

test('the matrix has room for decisions that are not messages yet, and takes no verb, gate or role it does not know', () => {
  for (const verb of decisionVerbs) expect(problems({ [verb]: { '*': ['finance', 'it'] } })).toEqual([]);
  for (const rights of [{ veto: { '*': ['it'] } }, { hold: { shared: ['it'] } }, { hold: { '*': ['boss'] } }, { hold: { '*': [] } }])
    expect(planSchema.safeParse({ ...samplePlan(), rights }).success).toBe(false);
});

test('a gate that waits for a go which its role may not give is refused', () => {
  expect(problems({ go: { switch: ['finance'] } })).toEqual([
    'rights.go.switch: Gate "switch" waits for a go of it, who may not give one.',
  ]);
  expect(problems({ go: { '*': ['it'] } })).toHaveLength(4);
});

test('a right that nobody holds is refused', () => {
  expect(problems({ rollback: { '*': ['salesOps'] }, noGo: { switch: ['customerSuccess', 'salesOps'] } })).toEqual([
    'people: Nobody may rollback at any gate: no person holds salesOps.',
    'people: Nobody may say no-go at gate "switch": no person holds customerSuccess or salesOps.',
  ]);
});
