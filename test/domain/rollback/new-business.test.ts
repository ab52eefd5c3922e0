import { expect, test } from 'vitest';
import { isNewBusiness } from '../../../domain/rollback/new-business.ts';

test.each([
  ['created', false, 'wave', true],
  ['created', false, 'nobody', true],
  ['created', false, 'elsewhere', false],
  ['created', true, 'wave', false],
  ['created', true, 'nobody', false],
  ['changed', false, 'wave', true],
  ['changed', true, 'wave', true],
  ['changed', false, 'nobody', false],
  ['changed', false, 'elsewhere', false],
] as const)('%s, cancelled %s, of %s: %s', (change, cancelled, belonging, wanted) => {
  expect(isNewBusiness(change, cancelled, belonging)).toBe(wanted);
});
