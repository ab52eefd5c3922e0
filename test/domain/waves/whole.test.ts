import { expect, test } from 'vitest';
import { stayingAccounts, type AccountRecord } from '../../../domain/waves/whole.ts';

const record = (account: string, sourceId: string, fault: string | null = null): AccountRecord => ({
  account,
  object: 'order',
  sourceId,
  fault,
});

test('an account of which every record stands in the target switches', () => {
  expect([...stayingAccounts(new Map(), [record('ALFKI', '1'), record('ALFKI', '2')])]).toEqual([]);
});

test('an account stays whole for one record that does not stand, with the first reason', () => {
  const records = [record('ALFKI', '1'), record('ALFKI', '2', 'is refused'), record('ALFKI', '3', 'is invalid'), record('BLONP', '4')];
  expect([...stayingAccounts(new Map(), records)]).toEqual([['ALFKI', 'order 2 is refused']]);
});

test('an account that is blocked keeps that reason', () => {
  const blocked = new Map([['QUEEN', 'crmAccount QUEEN is ambiguous']]);
  expect([...stayingAccounts(blocked, [record('QUEEN', '1', 'is refused')])]).toEqual([['QUEEN', 'crmAccount QUEEN is ambiguous']]);
});
