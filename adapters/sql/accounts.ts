import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Catalog } from './catalog.ts';
import type { Database } from './database.ts';
import { accountColumns, accountIdentity, columnOf, writtenForm } from './identity.ts';
import { accountOf, wordsFor, type NamedQuery } from './read.ts';
import { reading } from './reading.ts';
import { qualified } from './relations.ts';

/** The accounts that a query yields, and whether the tables hold each in the form by which the guards know it. Null is no account. */
export async function yieldedAccounts(
  database: Database,
  plan: SqlSystem,
  query: NamedQuery,
): Promise<readonly { readonly account: string; readonly held: boolean }[]> {
  if (query.account === null) return [];
  return reading(database, wordsFor([query]), plan, (run, catalog) => {
    const { kind } = accountIdentity(catalog);
    const holding = heldAccounts(catalog);
    return run<{ account: string; held: boolean }>(
      `with held (account) as (${holding.join(' union ')}), asked (account) as (select distinct ${accountOf(kind, query)} from (${query.sql}) q)
       select asked.account, held.account is not null as held from asked left join held using (account) where asked.account is not null order by asked.account collate "C"`,
    );
  });
}

/** A query for the accounts of each column that holds them. */
function heldAccounts(catalog: Catalog): readonly string[] {
  const columns = accountColumns(catalog.plan).flatMap(({ table, column }) => {
    const kind = catalog.column(table, column)?.kind ?? null;
    return kind === null ? [] : [`select ${writtenForm(kind, columnOf('t', column))} from ${qualified(catalog.plan.schema, table)} t`];
  });
  return columns.length > 0 ? columns : ['select null::text where false'];
}
