import type { SourceRow, TallyAsk } from '../../contracts/source.ts';
import { explainedParts, sourceOf, type ExplainedPart, type Yield } from '../../domain/plan/coverage.ts';
import type { Completeness } from '../../domain/waves/completeness.ts';
import { tableEquation, type CountedPart } from '../../domain/waves/table-equation.ts';
import { sourceAmounts, sumAmounts, type Amounts } from '../../records/amounts.ts';
import { entryCount } from '../../records/lines.ts';
import type { Context } from '../deps.ts';
import { readRows } from '../run/read-rows.ts';

/** Which tables an equation is asked for: all, those that belong to no account, or those with an account path, of these accounts. */
export type TableScope = 'all' | 'shared' | { readonly accounts: readonly string[] };

/**
 * Law 18 at its beginning: the tables' own rows and money, read independently of the plan's queries, against what the queries yield and what rules
 * of the plan leave. A row that no query yields is unexplained, by its key.
 */
export async function tableEquations(context: Context, scope: TableScope): Promise<readonly Completeness[]> {
  const tables = sourceOf(context.sys.plan)?.tables ?? {};
  const isShared = (table: string): boolean => tables[table]?.account === undefined;
  const parts = explainedParts(context.sys.plan).filter(({ table }) => scope === 'all' || isShared(table) === (scope === 'shared'));
  const accounts = typeof scope === 'string' ? null : scope.accounts;
  const yielded = await readYields(context, parts, accounts);
  const asks = parts.map((part): TallyAsk => ({
    table: part.table,
    statuses: part.statuses,
    accounts,
    explained: explainedBy(part, yielded.get(part)),
  }));
  const tallies = asks.length === 0 ? [] : await context.sys.source.tally(asks);
  const names = [...new Set(parts.map(({ table }) => table))];
  return names.map((name) =>
    tableEquation(
      name,
      parts.flatMap((part, index): CountedPart[] =>
        part.table === name ? [{ label: part.label, counted: tallies[index] ?? [], yielded: countedOf(part, yielded.get(part)) }] : [],
      ),
    ),
  );
}

/** What the queries of a part yield: keys where they explain its rows, how many entries of lists, and money by the source's rounding. */
interface Yielded {
  readonly keys: string[];
  lines: number;
  money: Amounts;
}

/**
 * What every query that explains something yields, each read once. Of its rows only what counts is kept: a million of them would be more than a worker
 * holds. A row that is given to another account while the accounts of a large wave are read in parts may be missing or counted twice; the next
 * measurement has it right.
 */
async function readYields(
  context: Context,
  parts: readonly ExplainedPart[],
  accounts: readonly string[] | null,
): Promise<ReadonlyMap<ExplainedPart, Yielded>> {
  const found = new Map<ExplainedPart, Yielded>();
  for (const part of parts) if ('yields' in part.explanation) found.set(part, { keys: [], lines: 0, money: {} });
  const queries = new Set([...found.keys()].flatMap(({ explanation }) => yieldsOf(explanation).map(({ query }) => query)));
  for (const query of queries) {
    const byAccount = sourceOf(context.sys.plan)?.queries[query]?.account !== null;
    for await (const page of readRows(context, query, byAccount ? accounts : null))
      for (const [part, yielded] of found) addPage(context, part, yielded, { query, rows: page });
  }
  return found;
}

function yieldsOf(explanation: ExplainedPart['explanation']): readonly Yield[] {
  return 'yields' in explanation ? explanation.yields : [];
}

interface Page {
  readonly query: string;
  readonly rows: readonly SourceRow[];
}

function addPage({ sys }: Context, { explanation }: ExplainedPart, yielded: Yielded, { query, rows }: Page): void {
  const { rounding } = sys.source.capabilities;
  for (const { object } of yieldsOf(explanation).filter((one) => one.query === query)) {
    yielded.money = sumAmounts([yielded.money, ...rows.map(({ fields }) => sourceAmounts(object, fields, rounding))]);
    if (explanation.by === 'keys') for (const { key } of rows) yielded.keys.push(key);
    if (explanation.by === 'lines') for (const { fields } of rows) yielded.lines += entryCount(fields, explanation.rule);
  }
}

/** What explains the rows of a part; without what its queries yield, no row is explained by a key. */
export function explainedBy({ explanation }: Pick<ExplainedPart, 'explanation'>, yielded?: Pick<Yielded, 'keys'>): TallyAsk['explained'] {
  switch (explanation.by) {
    case 'keys':
      return { keys: yielded?.keys ?? [] };
    case 'rule':
      return { where: explanation.where };
    case 'lines':
    case 'reason':
      return { all: true };
  }
}

/** What the queries of a part yield; of rows that are entries of a list also how many there are. */
function countedOf({ explanation }: ExplainedPart, yielded: Yielded | undefined): CountedPart['yielded'] {
  return yielded === undefined ? null : { money: yielded.money, lines: explanation.by === 'lines' ? yielded.lines : null };
}
