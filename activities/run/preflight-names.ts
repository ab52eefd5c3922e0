import type { Fields, FieldValue } from '../../contracts/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { bare, shown, shownNames } from '../../records/bare.ts';
import type { Mark } from '../../ledger/places.ts';
import type { Systems } from '../deps.ts';
import { columnOfAccount, columnOfKey, placeOfColumn, referringColumns } from './columns.ts';
import { orProblem } from './preflight-source.ts';
import { isOfAccounts, sourceAccounts } from './source-accounts.ts';
import { readRows } from './read-rows.ts';

const alike = 'by blanks or invisible characters alone';
const remedy = 'make them one in the legacy system, or trim the column in the query';

/** What is wrong with one record of the source. */
interface Found {
  readonly key: string;
  readonly cause: string;
}

/** Findings of one object after which the source is asked no more about it: who mends these begins again. */
const findingsTold = 20;
const unasked = `may be spelled as another record is, but for blanks or invisible characters: it was looked at no further, because ${String(findingsTold)} such faults of this object were found; mend these first, then start again`;

/** A name that may mean the record `twin` of an object. */
interface Doubt {
  readonly key: string;
  readonly object: string;
  /** The name itself, where it has to be no key for this to be a fault. */
  readonly name: string | null;
  readonly twin: string;
  readonly cause: string;
}
type Rows = readonly { readonly key: string; readonly fields: Fields }[];

/**
 * Finds keys and references that mean a record of another spelling: nobody sees the difference, and the runner sees nothing else. A name with blanks
 * around it that is spelled so everywhere is a name like any other. No index serves the question whether a key is there, so it is asked for a page at
 * once.
 */
export class LookAlikes {
  readonly #sys: Systems;
  /** By object, the first key that is not bare of each bare form. */
  readonly #odd = new Map<string, Map<string, string>>();
  /** By object, whether a key is there, as far as it was asked. */
  readonly #known = new Map<string, Map<string, boolean>>();
  readonly #told = new Map<string, Set<string>>();

  constructor(sys: Systems) {
    this.#sys = sys;
  }

  /** Objects with keys that are not bare: what was read of them is needed for what is read next. */
  get odd(): readonly string[] {
    return [...this.#odd.keys()];
  }

  /** Takes in records of an object that were looked at before. */
  remember(object: string, rows: readonly { readonly key: string }[]): void {
    for (const { key } of rows) if (bare(key) !== key) this.#first(object, key);
  }

  async in(object: ObjectPlan, rows: Rows): Promise<readonly Found[]> {
    const told = this.#told.get(object.name) ?? new Set<string>();
    this.#told.set(object.name, told);
    const doubts = [...this.#keys(object, rows), ...this.#references(object, rows)];
    if (told.size < findingsTold) await this.#ask(doubts);
    return doubts.flatMap((doubt) => {
      const isFault = this.#isFault(doubt);
      if (isFault === false) return [];
      if (isFault === undefined || (told.size >= findingsTold && !told.has(doubt.cause))) return [{ key: doubt.key, cause: unasked }];
      told.add(doubt.cause);
      return [{ key: doubt.key, cause: doubt.cause }];
    });
  }

  #keys(object: ObjectPlan, rows: Rows): readonly Doubt[] {
    const place = placeOfColumn(this.#sys, object.source.query, columnOfKey(this.#sys, object.source.query));
    const odd = rows.filter(({ key }) => bare(key) !== key);
    return odd.map(({ key }) => {
      const first = this.#first(object.name, key);
      const twin = first === key ? bare(key) : first;
      const cause = `differs from ${shown(twin)} ${alike} ${place}; make them one record, or give one another number`;
      return { key, object: object.name, name: null, twin, cause };
    });
  }

  #references(object: ObjectPlan, rows: Rows): readonly Doubt[] {
    return referringColumns(object).flatMap(({ object: name, column, list: within }) => {
      const place = placeOfColumn(this.#sys, object.source.query, within === null ? column : `${within}[].${column}`);
      return rows.flatMap(({ key, fields }) =>
        valuesOf(fields, column, within).flatMap((value): readonly Doubt[] => {
          const twin = bare(value) === value ? this.#odd.get(name)?.get(value) : bare(value);
          if (twin === undefined) return [];
          const cause = `${shown(value)} is no ${name}, and differs from ${shown(twin)} ${alike} ${place}; ${remedy}`;
          return [{ key, object: name, name: value, twin, cause }];
        }),
      );
    });
  }

  /** The first key seen of this one's bare form: itself where none was before. */
  #first(object: string, key: string): string {
    const own = this.#odd.get(object) ?? new Map<string, string>();
    this.#odd.set(object, own);
    const first = own.get(bare(key)) ?? key;
    own.set(bare(key), first);
    return first;
  }

  /** Undefined where the source would have to be asked. */
  #isFault({ object, name, twin }: Doubt): boolean | undefined {
    const isName = name === null ? false : this.#isKey(object, name);
    if (isName === true) return false;
    const isTwin = this.#isKey(object, twin);
    return isName === undefined && isTwin !== false ? undefined : isTwin;
  }

  #isKey(object: string, key: string): boolean | undefined {
    if (key === '') return false;
    return this.#odd.get(object)?.get(bare(key)) === key ? true : this.#known.get(object)?.get(key);
  }

  async #ask(doubts: readonly Doubt[]): Promise<void> {
    for (const [object, some] of Map.groupBy(doubts, (doubt) => doubt.object)) {
      const names = some.flatMap(({ name, twin }) => (name === null ? [twin] : [name, twin]));
      const keys = [...new Set(names)].filter((key) => this.#isKey(object, key) === undefined);
      const query = this.#sys.plan.objects.find(({ name }) => name === object)?.source.query;
      if (keys.length === 0 || query === undefined) continue;
      const there = new Set((await this.#sys.source.get(query, keys)).map(({ key }) => key));
      const known = this.#known.get(object) ?? new Map<string, boolean>();
      this.#known.set(object, known);
      for (const key of keys) known.set(key, there.has(key));
    }
  }
}

/** Up to where all keys and references were looked at by an earlier try, for `LookAlikes` of a later one. */
export function markOf(names: LookAlikes, object: string, key: string): Mark {
  return { object, key, odd: JSON.stringify(names.odd) };
}

/** Knows of every record up to the mark what is needed for those behind it: objects with keys that are not bare are read again. */
export async function lookAlikesBehind(sys: Systems, mark: Mark | null): Promise<LookAlikes> {
  const names = new LookAlikes(sys);
  const odd = JSON.parse(mark?.['odd'] ?? '[]') as readonly string[];
  for (const { name, source } of sys.plan.objects.filter((object) => odd.includes(object.name)))
    for await (const rows of readRows({ sys }, source.query, null)) {
      names.remember(name, rows);
      if (name === mark?.['object'] && rows.some(({ key }) => key === mark['key'])) break;
    }
  return names;
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
  for (const query of queries) problems.push(...(await orProblem(sys, () => misnamed(sys, query, named))));
  return problems;
}

/** Accounts that a query yields in a spelling that is none of the others'. */
async function misnamed(sys: Systems, query: string, named: ReadonlySet<string>): Promise<readonly string[]> {
  const problems: string[] = [];
  const accounts = await sys.source.accounts(query);
  const place = placeOfColumn(sys, query, columnOfAccount(sys, query));
  const unheld = accounts.filter(({ held }) => !held).map(({ account }) => account);
  if (unheld.length > 0)
    problems.push(
      `accounts ${shownNames(unheld)} stand in no account column of the plan's tables as the query yields them ${place}, so that legacy could neither freeze them nor count their rows; let the query yield what the tables hold, and correct it there`,
    );
  for (const { account } of accounts)
    if (!named.has(account) && bare(account) !== account && named.has(bare(account)))
      problems.push(`${shown(account)} is no account, and differs from ${bare(account)} ${alike} ${place}; ${remedy}`);
  return problems;
}
