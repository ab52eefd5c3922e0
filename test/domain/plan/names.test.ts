import { expect, test } from 'vitest';
import { isRole, nameSchema, personIdSchema, roles, variableSchema } from '../../../domain/plan/names.ts';

test('only the six functions are roles', () => {
  expect([...roles, 'boss', ''].filter(isRole)).toEqual(roles);
});

test('names can become part of a workflow id', () => {
  expect(['east', 'wave-2', 'A'].every((name) => nameSchema.safeParse(name).success)).toBe(true);
  expect(['', '2', 'a/b', 'a b', 'x'.repeat(41)].some((name) => nameSchema.safeParse(name).success)).toBe(false);
});

test('people are named by ids, not by names', () => {
  expect(['ada', 'a.b-2'].every((id) => personIdSchema.safeParse(id).success)).toBe(true);
  expect(['a', 'Ada', 'ada lovelace', '.ada'].some((id) => personIdSchema.safeParse(id).success)).toBe(false);
});

test('a secret is named by its environment variable', () => {
  expect(variableSchema.safeParse({ env: 'CUTOVER_ERP_PASSWORD' }).success).toBe(true);
  expect(variableSchema.safeParse({ env: 'hunter2' }).success).toBe(false);
});
