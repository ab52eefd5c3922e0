import type { SourceRow, TallyAsk } from '../../contracts/source.ts';
import { coverageOf, sourceOf, type TablePart } from '../../domain/plan/coverage.ts';
import type { Completeness } from '../../domain/waves/completeness.ts';
import { tableEquation, type CountedPart } from '../../domain/waves/table-equation.ts';
import { sourceAmounts, sumAmounts } from '../../records/amounts.ts';
import { entryCount } from '../../records/lines.ts';
import type { Context } from '../deps.ts';
import { readRows } from '../run/stage.ts';

/** Which tables an equation is asked for: all, those that belong to no account, or those with an account path, of these accounts. */
export type TableScope = 'all' | 'shared' | { readonly accounts: readonly string[] };

/**
 * Law 18 at its beginning: the tables' own rows and money, read independently of the plan's queries, against what the queries yield and what rules
 * of the plan leave. A row that no query yields is unexplained, by its key.
 */
export async function tableEquations(context: Context, scope: TableScope): Promise<readonly Completeness[]> {
  const tables = sourceOf(context.sys.plan)?.tables ?? {};
  const isShared = (table: string): boolean => tables[table]?.account === undefined;
  const parts = coverageOf(context.sys.plan).filter(({ table }) => scope === 'all' || isShared(table) === (scope === 'shared'));
  const accounts = typeof scope === 'string' ? null : scope.accounts;
  const yielded = await readYields(context, parts, accounts);
  const asks = parts.map((part): TallyAsk => ({
    table: part.table,
    statuses: part.status === null ? null : [part.status],
    accounts,
    explained: explainedBy(part, yielded),
  }));
  const tallies = asks.length === 0 ? [] : await context.sys.source.tally(asks);
  const names = [...new Set(parts.map(({ table }) => table))];
  return names.map((name) =>
    tableEquation(
      name,
      parts.flatMap((part, index): CountedPart[] =>
        part.table === name ? [{ label: part.label, counted: tallies[index] ?? [], yielded: yieldOf(context, part, yielded) }] : [],
      ),
    ),
  );
}

type Yielded = ReadonlyMap<string, readonly SourceRow[]>;

/** Every query that explains something, read once. */
async function readYields(context: Context, parts: readonly TablePart[], accounts: readonly string[] | null): Promise<Yielded> {
  const queries = new Set(
    parts.flatMap(({ explanation }) => ('yields' in explanation ? explanation.yields.map(({ query }) => query) : [])),
  );
  const found = new Map<string, readonly SourceRow[]>();
  for (const query of queries) {
    const rows: SourceRow[] = [];
    const byAccount = sourceOf(context.sys.plan)?.queries[query]?.account !== null;
    for await (const page of readRows(context, query, byAccount ? accounts : null)) rows.push(...page);
    found.set(query, rows);
  }
  return found;
}

function explainedBy({ explanation }: TablePart, yielded: Yielded): TallyAsk['explained'] {
  switch (explanation.by) {
    case 'keys':
      return { keys: explanation.yields.flatMap(({ query }) => (yielded.get(query) ?? []).map(({ key }) => key)) };
    case 'rule':
      return { where: explanation.where };
    case 'lines':
    case 'reason':
      return { all: true };
  }
}

/** What the queries of a part yield, by the source's rounding; of rows that are entries of a list also how many there are. */
function yieldOf(context: Context, { explanation }: TablePart, yielded: Yielded): CountedPart['yielded'] {
  if (!('yields' in explanation)) return null;
  const { rounding } = context.sys.source.capabilities;
  const amounts = explanation.yields.flatMap(({ object, query }) =>
    (yielded.get(query) ?? []).map(({ fields }) => sourceAmounts(object, fields, rounding)),
  );
  if (explanation.by === 'keys') return { money: sumAmounts(amounts), lines: null };
  const { rule } = explanation;
  const rows = explanation.yields.flatMap(({ query }) => yielded.get(query) ?? []);
  return { money: sumAmounts(amounts), lines: rows.reduce((count, { fields }) => count + entryCount(fields, rule), 0) };
}
