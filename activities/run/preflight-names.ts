import type { Fields, FieldValue } from '../../contracts/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { bare, shown } from '../../records/bare.ts';
import type { Systems } from '../deps.ts';
import { columnOfAccount, columnOfKey, placeOfColumn, referringColumns } from './columns.ts';
import { list } from './list.ts';
import { isOfAccounts, sourceAccounts } from './source-accounts.ts';

const alike = 'by blanks or invisible characters alone';
const remedy = 'make them one in the legacy system, or trim the column in the query';

/** What is wrong with one record of the source. */
interface Found {
  readonly key: string;
  readonly cause: string;
}

/**
 * Finds keys and references that mean a record of another spelling: nobody sees the difference, and the runner sees nothing else. A name with blanks
 * around it that is spelled so everywhere is a name like any other.
 */
export class LookAlikes {
  readonly #sys: Systems;
  /** By object, the keys that are not bare, by their bare form. */
  readonly #odd = new Map<string, Map<string, string>>();
  readonly #known = new Map<string, boolean>();

  constructor(sys: Systems) {
    this.#sys = sys;
  }

  /** Whether a key was seen that is not bare: what was read before is needed for what is read next. */
  get anyOdd(): boolean {
    return this.#odd.size > 0;
  }

  async in(object: ObjectPlan, rows: readonly { readonly key: string; readonly fields: Fields }[]): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (const { key } of rows) if (bare(key) !== key) found.push(...(await this.#key(object, key)));
    for (const { object: name, column, list: within } of referringColumns(object)) {
      const place = placeOfColumn(this.#sys, object.source.query, within === null ? column : `${within}[].${column}`);
      for (const { key, fields } of rows)
        for (const value of valuesOf(fields, column, within)) {
          const meant = await this.#meant(name, value);
          if (meant !== null)
            found.push({ key, cause: `${shown(value)} is no ${name}, and differs from ${shown(meant)} ${alike} ${place}; ${remedy}` });
        }
    }
    return found;
  }

  async #key(object: ObjectPlan, key: string): Promise<readonly Found[]> {
    const own = this.#odd.get(object.name) ?? new Map<string, string>();
    this.#odd.set(object.name, own);
    const twin = own.get(bare(key)) ?? ((await this.#isKey(object.name, bare(key))) ? bare(key) : undefined);
    own.set(bare(key), key);
    if (twin === undefined) return [];
    const place = placeOfColumn(this.#sys, object.source.query, columnOfKey(this.#sys, object.source.query));
    return [{ key, cause: `differs from ${shown(twin)} ${alike} ${place}; make them one record, or give one another number` }];
  }

  /** The key that this name of no record would be, were it not for what nobody sees. */
  async #meant(object: string, name: string): Promise<string | null> {
    const twin = bare(name) === name ? this.#odd.get(object)?.get(name) : bare(name);
    if (twin === undefined || (await this.#isKey(object, name))) return null;
    return (await this.#isKey(object, twin)) ? twin : null;
  }

  async #isKey(name: string, key: string): Promise<boolean> {
    const place = JSON.stringify([name, key]);
    const known = this.#known.get(place);
    if (known !== undefined) return known;
    const query = this.#sys.plan.objects.find((object) => object.name === name)?.source.query;
    const there = query !== undefined && key !== '' && (await this.#sys.source.get(query, [key])).length > 0;
    this.#known.set(place, there);
    return there;
  }
}

function valuesOf(fields: Fields, column: string, within: string | null): readonly string[] {
  const values: readonly FieldValue[] =
    within === null ? [fields[column] ?? null] : entriesOf(fields[within]).map((entry) => entry[column] ?? null);
  return values.filter((value) => typeof value === 'string');
}

function entriesOf(value: FieldValue | undefined): readonly Fields[] {
  return Array.isArray(value)
    ? (value as readonly FieldValue[]).filter(
        (entry): entry is Fields => typeof entry === 'object' && entry !== null && !Array.isArray(entry),
      )
    : [];
}

/**
 * Every account is spelled the same wherever it is read: in the account columns of the tables, by which legacy freezes it and counts its rows, and in
 * all queries.
 */
export async function accountNameProblems(sys: Systems): Promise<readonly string[]> {
  if (!sys.plan.objects.some(isOfAccounts)) return [];
  const named = await sourceAccounts(sys);
  const queries = new Set([
    ...sys.plan.objects.filter(({ scope }) => scope === 'account').map(({ source }) => source.query),
    ...sys.plan.archive.map(({ query }) => query),
  ]);
  const problems: string[] = [];
  for (const query of queries) {
    const accounts = await sys.source.accounts(query);
    const place = placeOfColumn(sys, query, columnOfAccount(sys, query));
    const unheld = accounts.filter(({ held }) => !held).map(({ account }) => account);
    if (unheld.length > 0)
      problems.push(
        `accounts ${list(unheld)} stand in no account column of the plan's tables as the query yields them ${place}, so that legacy could neither freeze them nor count their rows; let the query yield what the tables hold, and correct it there`,
      );
    for (const { account } of accounts)
      if (!named.has(account) && bare(account) !== account && named.has(bare(account)))
        problems.push(`${shown(account)} is no account, and differs from ${bare(account)} ${alike} ${place}; ${remedy}`);
  }
  return problems;
}
