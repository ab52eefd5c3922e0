import { expect, test } from 'vitest';
import { blockingReason } from '../../../domain/exceptions/blocking.ts';

test.each([
  ['noMatch', 'crmAccount QUEEN has no record to be matched with'],
  ['twoMatches', 'crmAccount QUEEN is ambiguous'],
])('an account that stays because of %s says so in its own words', (kind, reason) => {
  expect(blockingReason({ object: 'crmAccount', sourceId: 'QUEEN', kind })).toBe(reason);
});
