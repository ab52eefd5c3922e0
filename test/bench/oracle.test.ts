import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { accountAt } from '../../scripts/bench/accounts.ts';
import { TargetClient } from '../../scripts/bench/by-hand/target-client.ts';
import { judge } from '../../scripts/bench/oracle.ts';
import { startTarget, type Target } from '../../scripts/bench/target/target.ts';

let target: Target;
let client: TargetClient;

beforeAll(async () => {
  target = await startTarget({ answerMs: 20, quota: null, trouble: null });
  client = new TargetClient(target.url, 2);
  await client.enter();
});
beforeEach(() => target.clear());
afterAll(async () => {
  client.close();
  await target.stop();
});

const accounts = (count: number) => Array.from({ length: count }, (_, n) => accountAt(n));
const verdict = (count: number): Promise<string | null> => judge(target.records('Account'), count);

test('a target with each account once is right', async () => {
  await client.create(accounts(2_500));
  expect(await verdict(2_500)).toBeNull();
});

test('a missing account is told', async () => {
  await client.create(accounts(9));
  expect(await verdict(10)).toMatch(/^1 missing, 0 doubled/);
});

test('a doubled account is told by its key', async () => {
  await client.create([...accounts(10), accountAt(3)]);
  expect(await verdict(10)).toBe('0 missing, 1 doubled, 0 differing, 0 strange; first: A0000003 twice');
});

test('a field that is not as in the source is told', async () => {
  await client.create([...accounts(9), { ...accountAt(9), Phone: '1' }]);
  expect(await verdict(10)).toMatch(/1 differing, 0 strange; first: A0000009 differs in Phone$/);
});

test('a record that nobody should have made is told', async () => {
  await client.create([...accounts(10), accountAt(10), { ...accountAt(0), AccountNumber: 'other' }]);
  expect(await verdict(10)).toMatch(/2 strange/);
});

test('the target takes its time, and lets nobody in without a token', async () => {
  const from = performance.now();
  await client.create(accounts(1));
  expect(performance.now() - from).toBeGreaterThanOrEqual(19);
  await expect(new TargetClient(target.url, 1).create(accounts(1))).rejects.toThrow(/401/);
});
