import type { Systems } from '../deps.ts';
import { listedFirst } from '../../domain/listed.ts';
import { shown, shownNames } from '../../records/bare.ts';
import { orProblem } from './preflight-source.ts';

/**
 * A key is one record: the query of an object yields each key once, and what is archived of an object has each key once, in one of its queries,
 * because the archive has one newest copy of each record.
 */
export async function doubleProblems(sys: Systems): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { name, source } of sys.plan.objects)
    problems.push(...(await doublesOf(sys, name, [source.query], 'let the SQL yield one row for each key')));
  for (const [object, entries] of Map.groupBy(sys.plan.archive, (entry) => entry.object)) {
    const queries = entries.map(({ query }) => query);
    const remedy = `let the SQL yield one row for each key, and each key in one query of ${object} alone`;
    problems.push(...(await doublesOf(sys, `the archive of ${object}`, queries, remedy)));
  }
  return problems;
}

async function doublesOf(sys: Systems, what: string, names: readonly string[], remedy: string): Promise<readonly string[]> {
  return orProblem(sys, async () => {
    const { count, keys, queries } = await sys.source.doubles(names);
    if (count === 0) return [];
    const by = `${queries.length === 1 ? 'query' : 'queries'} ${shownNames(queries)}`;
    return [`${what} has more than one record of key ${listedFirst(keys.map(shown), count)}, by ${by}; ${remedy}`];
  });
}
