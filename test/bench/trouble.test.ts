import { expect, test } from 'vitest';
import { accountAt, keyOf } from '../../scripts/bench/accounts.ts';
import { contactAt, contactNumber } from '../../scripts/bench/contacts.ts';
import { mailHost } from '../../scripts/bench/kinds.ts';
import type { TargetRow } from '../../scripts/bench/oracle.ts';
import { exceptionsWrong, expectedExceptions, judgeRealistic } from '../../scripts/bench/realistic.ts';
import { speedOf } from '../../scripts/bench/figures.ts';
import type { Target } from '../../scripts/bench/target/target.ts';
import { answerTimes, isRefused, meanAnswerMs, withFaults } from '../../scripts/bench/trouble.ts';
import { w2 } from '../../scripts/bench/w2.ts';

const trouble = w2.trouble!;
const accounts = 1_000;
const sizes = { records: accounts, batch: 200, concurrency: 16, answerMs: 50, quota: null, trouble };

test('answers take log-normal times: half of them at most the median, one of a hundred more than the ninety-ninth', () => {
  const next = answerTimes(trouble);
  const times = Array.from({ length: 20_000 }, next).sort((a, b) => a - b);
  expect(times[10_000]! / 200).toBeCloseTo(1, 1);
  expect(times[19_800]! / 800).toBeCloseTo(1, 0.5);
  expect(times.reduce((sum, ms) => sum + ms, 0) / times.length / meanAnswerMs(trouble)).toBeCloseTo(1, 1);
  const [again, other] = [answerTimes(trouble), answerTimes({ ...trouble, seed: 3 })];
  expect(again()).toBe(answerTimes(trouble)());
  expect(other()).not.toBe(answerTimes(trouble)());
});

test('a hundredth of the records is refused, the same ones each time, whatever the case of their keys', () => {
  const refused = Array.from({ length: 20_000 }, (_, n) => keyOf(n)).filter((key) => isRefused(trouble, key));
  expect(refused.length).toBeGreaterThan(140);
  expect(refused.length).toBeLessThan(260);
  for (const key of refused) expect(isRefused(trouble, key.toLowerCase())).toBe(true);
  expect(refused.some((key) => !isRefused({ ...trouble, seed: 3 }, key))).toBe(true);
});

test('a person is known by the address that its number makes, and by no other', () => {
  const { key } = contactAt(17);
  expect(contactNumber(key + mailHost)).toBe(17);
  expect(contactNumber(`x${key}${mailHost}`)).toBeNaN();
  expect(contactNumber(key)).toBeNaN();
});

test('the exceptions are those of the refused records and of the people whose account is refused: one too many, one missing, one twice is wrong', () => {
  const due = expectedExceptions(trouble, accounts);
  const refusedAccounts = due.filter(({ object }) => object === 'company');
  expect(refusedAccounts.length).toBeGreaterThan(0);
  const orphans = due.filter(({ kind }) => kind === 'missingReference');
  expect(orphans).toHaveLength(2 * refusedAccounts.length);
  expect(exceptionsWrong(due.toReversed(), trouble, accounts)).toBeNull();
  expect(exceptionsWrong(due.slice(1), trouble, accounts)).toMatch(/^exceptions: 1 missing, 0 doubled, 0 strange/);
  expect(exceptionsWrong([...due, due[0]!], trouble, accounts)).toMatch(/^exceptions: 0 missing, 1 doubled, 0 strange/);
  const strange = { object: 'company', key: 'A9999999', kind: 'refused' } as const;
  expect(exceptionsWrong([...due, strange], trouble, accounts)).toMatch(/1 strange; first: company A9999999 refused$/);
});

/** A target that holds what it should, but what `change` makes of it. */
function holding(change: (rows: { accounts: TargetRow[]; leads: TargetRow[] }) => void): Pick<Target, 'records'> {
  const rows: { accounts: TargetRow[]; leads: TargetRow[] } = { accounts: [], leads: [] };
  for (let n = 0; n < accounts; n += 1) if (!isRefused(trouble, keyOf(n))) rows.accounts.push({ ...accountAt(n), Id: `id of ${keyOf(n)}` });
  for (let n = 0; n < 2 * accounts; n += 1) {
    const { key, company, last_name, company_name, phone } = contactAt(n);
    const lead = { Email: key + mailHost, LastName: last_name, Company: company_name, Phone: phone, Description: `id of ${company}` };
    if (!isRefused(trouble, company) && !isRefused(trouble, lead.Email)) rows.leads.push(lead);
  }
  change(rows);
  return {
    records: async function* (type) {
      yield await Promise.resolve(type === 'Account' ? rows.accounts : rows.leads);
    },
  };
}

const verdict = (change: Parameters<typeof holding>[0]): Promise<string | null> =>
  judgeRealistic({ target: holding(change) as Target, sizes });

test('a target with every record that it takes, once and with its account, is right', async () => {
  expect(await verdict(() => undefined)).toBeNull();
});

test('a lost, a doubled and a refused record, and a person of another account, are told', async () => {
  expect(await verdict(({ accounts: rows }) => void rows.pop())).toMatch(/^accounts: 1 missing/);
  expect(await verdict(({ leads }) => void leads.push(leads[0]!))).toMatch(/^contacts: 0 missing, 1 doubled/);
  const refused = Array.from({ length: accounts }, (_, n) => n).find((n) => isRefused(trouble, keyOf(n)))!;
  expect(await verdict(({ accounts: rows }) => void rows.push(accountAt(refused)))).toMatch(/^accounts: .*1 strange/);
  expect(await verdict(({ leads }) => void (leads[4] = { ...leads[4], Description: 'id of another' }))).toMatch(
    /^contacts: .*1 differing.* differs in Description$/,
  );
});

test('as many times the faults as are asked for change nothing else', () => {
  expect(withFaults(trouble, 10)).toEqual({ ...trouble, perThousand: { throttle: 50, serverError: 20, loseResponse: 10, reset: 5 } });
});

test('the speed of a load with people counts them, too', () => {
  expect(speedOf(sizes, 10, null)).toBe(300);
});
