import { escapeIdentifier } from 'pg';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { factsOf, type ColumnName, type IdentityKind } from './columns.ts';
import type { Database, Run } from './database.ts';

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
function accountColumns(plan: SqlSystem): readonly ColumnName[] {
  const named = Object.entries(plan.tables).flatMap(([table, { account }]) => {
    if (account === undefined) return [];
    return 'lookup' in account ? [{ table: account.lookup.table, column: account.lookup.account }] : [{ table, column: account.column }];
  });
  return [...new Map(named.map((each) => [JSON.stringify(each), each])).values()];
}

/** How accounts are told apart in this system, and sentences about columns that tell them apart in no way, or in another than the rest. */
export async function accountIdentity(
  run: Run,
  plan: SqlSystem,
): Promise<{ readonly kind: IdentityKind; readonly problems: readonly string[] }> {
  const seen = new Map<IdentityKind, string>();
  const problems: string[] = [];
  const columns = accountColumns(plan);
  const all = await factsOf(run, plan, columns);
  for (const [index, { table, column }] of columns.entries()) {
    const facts = all[index];
    if (facts == null) continue;
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

/** How long reads go by what the catalog said last (ms); acts in legacy ask each time. */
const freshForMs = 5_000;
const lastKinds = new WeakMap<Database, { readonly kind: IdentityKind; readonly askedAt: number }>();

/** How accounts are told apart, for a read: a sweep reads many pages, and the type of a column changes once in years. */
export async function kindForReading(database: Database, run: Run, plan: SqlSystem): Promise<IdentityKind> {
  const last = lastKinds.get(database);
  if (last !== undefined && Date.now() - last.askedAt < freshForMs) return last.kind;
  const { kind } = await accountIdentity(run, plan);
  lastKinds.set(database, { kind, askedAt: Date.now() });
  return kind;
}

/** Accounts in their written form, each once. */
export async function writtenAccounts(run: Run, plan: SqlSystem, accounts: readonly string[]): Promise<readonly string[]> {
  return inWrittenForm(run, (await accountIdentity(run, plan)).kind, accounts);
}

/** The same where it is known how accounts are told apart. */
export async function inWrittenForm(run: Run, kind: IdentityKind, accounts: readonly string[]): Promise<readonly string[]> {
  const rows = await run<{ account: string }>(
    `select min(place), ${writtenFormOfText(kind, 'given')} as account from unnest($1::text[]) with ordinality as named (given, place) group by 2 order by 1`,
    [accounts],
  );
  return rows.map(({ account }) => account);
}

/** A column of a row or of an alias, quoted for SQL. */
export function columnOf(alias: string, column: string): string {
  return `${alias}.${escapeIdentifier(column)}`;
}
