import { escapeIdentifier } from 'pg';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Catalog } from './catalog.ts';
import type { IdentityKind } from './columns.ts';
import type { Run } from './database.ts';

/** SQL for the written form of an account, from an expression of this kind. */
export function writtenForm(kind: IdentityKind, expression: string): string {
  const text = `(${expression})::text`;
  if (kind === 'char') return `rtrim(${text}, ' ')`;
  if (kind === 'citext') return `lower(${text} collate "default")`;
  return kind === 'number' ? `trim_scale((${expression})::numeric)::text` : text;
}

const number = String.raw`^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*$`;
const uuid = '^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$';

/** SQL for the written form of an account that is given as text; a text that is no value of the kind stays as it is, and is nobody's. */
export function writtenFormOfText(kind: IdentityKind, expression: string): string {
  const text = `(${expression})::text`;
  const only = (pattern: string, form: string): string => `case when ${text} ~* '${pattern}' then ${form} else ${text} end`;
  if (kind === 'number') return only(number, `trim_scale((${text})::numeric)::text`);
  if (kind === 'uuid') return only(uuid, `(${text})::uuid::text`);
  return writtenForm(kind, text);
}

/** The columns that hold accounts themselves, each once. */
export function accountColumns(plan: SqlSystem): readonly { readonly table: string; readonly column: string }[] {
  const named = Object.entries(plan.tables).flatMap(([table, { account }]) => {
    if (account === undefined) return [];
    return 'lookup' in account ? [{ table: account.lookup.table, column: account.lookup.account }] : [{ table, column: account.column }];
  });
  return [...new Map(named.map((each) => [JSON.stringify(each), each])).values()];
}

/** How accounts are told apart in this system, and sentences about columns that tell them apart in no way, or in another than the rest. */
export function accountIdentity(catalog: Catalog): { readonly kind: IdentityKind; readonly problems: readonly string[] } {
  const seen = new Map<IdentityKind, string>();
  const problems: string[] = [];
  for (const { table, column } of accountColumns(catalog.plan)) {
    const facts = catalog.column(table, column);
    if (facts === undefined) continue;
    const label = `column ${column} of table ${table} (${facts.type})`;
    if (facts.virtual)
      problems.push(`No trigger sees the accounts in ${label}: they are made when they are read; name the column they are made from`);
    if (facts.kind !== null) seen.set(facts.kind, label);
    else
      problems.push(
        `Accounts cannot be told apart by ${label}: its type or collation has no one written form for equal values; use a text, char, citext, whole or decimal number or uuid column`,
      );
  }
  const found = [...seen.keys()];
  const kind = found.every((each) => each === 'text' || each === 'char')
    ? found.includes('text')
      ? 'text'
      : 'char'
    : (found[0] ?? 'text');
  const odd = found.filter((each) => each !== kind && !(kind === 'text' && each === 'char'));
  const mixed = odd.map(
    (each) => `Accounts are told apart in two ways, by ${seen.get(kind) ?? ''} and by ${seen.get(each) ?? ''}; leave one`,
  );
  return { kind: found.length === 0 ? 'text' : kind, problems: [...new Set([...problems, ...mixed])] };
}

/** SQL for accounts in their written form, from a parameter that holds an array of texts. */
export function writtenAccounts(kind: IdentityKind, parameter: string): string {
  if (kind === 'text') return `${parameter}::text[]`;
  return `array(select ${writtenFormOfText(kind, 'given')} from unnest(${parameter}::text[]) as named (given))`;
}

/** Accounts in their written form, each once and in their order. */
export async function inWrittenForm(run: Run, kind: IdentityKind, accounts: readonly string[]): Promise<readonly string[]> {
  if (kind === 'text') return [...new Set(accounts)];
  const rows = await run<{ account: string }>(
    `select min(place), account from unnest(${writtenAccounts(kind, '$1')}) with ordinality as named (account, place) group by 2 order by 1`,
    [accounts],
  );
  return rows.map(({ account }) => account);
}

/** A column of a row or of an alias, quoted for SQL. */
export function columnOf(alias: string, column: string): string {
  return `${alias}.${escapeIdentifier(column)}`;
}
