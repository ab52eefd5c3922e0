import { keyOf } from './accounts.ts';
import type { Arena } from './contestants/contestant.ts';
import { contactAt, contactNumber, contactsPerAccount } from './contacts.ts';
import { mailHost } from './kinds.ts';
import { judge, judgeAll, type OracleWords, type TargetRow } from './oracle.ts';
import { isRefused, type Trouble } from './trouble.ts';

/** An exception that a load must come to: the record, and why. */
export interface Expected {
  readonly object: string;
  readonly key: string;
  readonly kind: 'refused' | 'missingReference';
}

/** Every exception of a load of so many accounts and their people: the records that the target refuses, and the people of accounts that it refuses. */
export function expectedExceptions(trouble: Trouble, accounts: number): readonly Expected[] {
  const found: Expected[] = [];
  for (let n = 0; n < accounts; n += 1) if (isRefused(trouble, keyOf(n))) found.push({ object: 'company', key: keyOf(n), kind: 'refused' });
  for (let n = 0; n < accounts * contactsPerAccount; n += 1) {
    const { key, company } = contactAt(n);
    const kind = isRefused(trouble, company) ? 'missingReference' : isRefused(trouble, key + mailHost) ? 'refused' : null;
    if (kind !== null) found.push({ object: 'contact', key, kind });
  }
  return found;
}

/** What these exceptions of the product have too much or too little; null where they are exactly those. */
export function exceptionsWrong(told: readonly Expected[], trouble: Trouble, accounts: number): OracleWords {
  const named = ({ object, key, kind }: Expected): string => `${object} ${key} ${kind}`;
  const [own, due] = [told.map(named), expectedExceptions(trouble, accounts).map(named)];
  const [ownSet, dueSet] = [new Set(own), new Set(due)];
  const [strange, missing] = [own.filter((one) => !dueSet.has(one)), due.filter((one) => !ownSet.has(one))];
  const doubled = own.length - ownSet.size;
  if (strange.length + missing.length + doubled === 0) return null;
  const counts = `${String(missing.length)} missing, ${String(doubled)} doubled, ${String(strange.length)} strange`;
  return `exceptions: ${counts}; first: ${[...strange, ...missing, ...own].at(0) ?? ''}`;
}

/** Judges accounts and their people: all but the refused ones, each once, each person with the id of its own account. */
export async function judgeRealistic({ target, sizes }: Pick<Arena, 'target' | 'sizes'>): Promise<OracleWords> {
  const { records: count, trouble } = sizes;
  if (trouble === null) throw new Error('this workload has trouble');
  const isLeft = (n: number): boolean => isRefused(trouble, keyOf(n));
  const ids = new Map<string, string>();
  const wrong = await judge(remembered(target.records('Account'), ids), count, isLeft);
  if (wrong !== null) return `accounts: ${wrong}`;
  const contacts = await judgeAll(target.records('Lead'), {
    count: count * contactsPerAccount,
    keyField: 'Email',
    numberOf: contactNumber,
    has: (n) => !isRefused(trouble, contactAt(n).company) && !isRefused(trouble, contactAt(n).key + mailHost),
    differs: (row, n) => {
      const { company, last_name, company_name, phone } = contactAt(n);
      const fields = { LastName: last_name, Company: company_name, Phone: phone, Description: ids.get(company) };
      return Object.entries(fields).find(([name, value]) => row[name] !== value)?.[0] ?? null;
    },
  });
  return contacts === null ? null : `contacts: ${contacts}`;
}

/** The same pages; the ids of accounts are kept by their keys. */
async function* remembered(pages: AsyncIterable<readonly TargetRow[]>, ids: Map<string, string>): AsyncGenerator<readonly TargetRow[]> {
  for await (const page of pages) {
    for (const row of page) ids.set(String(row['AccountNumber']), String(row['Id']));
    yield page;
  }
}
