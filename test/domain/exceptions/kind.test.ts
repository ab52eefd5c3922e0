import { expect, test } from 'vitest';
import { exceptionKinds, kindsThat } from '../../../domain/exceptions/kind.ts';

test('only a record that nobody can tell from others keeps its account in legacy', () => {
  expect(kindsThat('blocksAccount')).toEqual(['twoMatches', 'noMatch']);
});

test('what a later load cures is void after a rollback too', () => {
  const voided = kindsThat('voidedByRollback');
  expect(kindsThat('curedByLoad').filter((kind) => !voided.includes(kind))).toEqual([]);
  expect(voided.filter((kind) => !kindsThat('curedByLoad').includes(kind))).toEqual(['double', 'sourceVanished']);
});

test('an exception is void after a rollback or lasts past it, and never both', () => {
  const [voided, lasting] = [kindsThat('voidedByRollback'), kindsThat('lastsPastRollback')];
  expect(voided.filter((kind) => lasting.includes(kind))).toEqual([]);
  expect(exceptionKinds.filter((kind) => !voided.includes(kind) && !lasting.includes(kind))).toEqual(['configurationDrift']);
});

test('what stands in the target after a rollback is known to last; an outcome nobody can tell lasts as well', () => {
  expect(kindsThat('standsInTarget')).toEqual(['remains', 'keptByRollback', 'newBusiness']);
  expect(kindsThat('lastsPastRollback')).toEqual(['ambiguousOutcome', ...kindsThat('standsInTarget')]);
});
