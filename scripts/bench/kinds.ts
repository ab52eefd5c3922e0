import { fieldNames, keyField } from './accounts.ts';
import type { TargetRow } from './oracle.ts';

type FieldName = (typeof fieldNames)[number];

/** As what the accounts are kept in the target. */
export interface Kind {
  /** Its type there, and what the adapter calls it. */
  readonly type: 'Account' | 'Lead';
  readonly object: 'account' | 'lead';
  /** How a field is called there. */
  nameOf(field: FieldName): string;
  /** The account that a record stands for. */
  accountIn(row: TargetRow): TargetRow;
}

/** Accounts as accounts: what a company moves. They are never deleted, because contacts and cases hang on them. */
export const asAccounts: Kind = { type: 'Account', object: 'account', nameOf: (field) => field, accountIn: (row) => row };

const leadNames: Readonly<Partial<Record<FieldName, string>>> = { AccountNumber: 'Email', Name: 'Company', Site: 'LastName' };

/** What stands behind the number of an account in the key of its lead. */
export const mailHost = '@bench.invalid';

/** Accounts as leads, the records that a rollback deletes; the key of a lead is its e-mail address. */
export const asLeads: Kind = {
  type: 'Lead',
  object: 'lead',
  nameOf: (field) => leadNames[field] ?? field,
  accountIn: (row) => ({
    ...Object.fromEntries(fieldNames.map((field) => [field, row[leadNames[field] ?? field]])),
    [keyField]: String(row['Email']).replace(mailHost, '').toUpperCase(),
  }),
};

/** All records of a kind as accounts. */
export async function* accountsIn(kind: Kind, pages: AsyncIterable<readonly TargetRow[]>): AsyncGenerator<readonly TargetRow[]> {
  for await (const page of pages) yield page.map((row) => kind.accountIn(row));
}
