import type { Systems } from '../deps.ts';
import { list } from './list.ts';

/** The archive has one newest copy of each record, so what is archived of an object has each key once, in one of its queries. */
export async function archiveProblems(sys: Systems): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [object, entries] of Map.groupBy(sys.plan.archive, (entry) => entry.object)) {
    const { count, keys, queries } = await sys.source.doubles(entries.map(({ query }) => query));
    if (count === 0) continue;
    const more = count > keys.length ? ` and ${String(count - keys.length)} more` : '';
    problems.push(
      `the archive of ${object} has more than one record of key ${list(keys)}${more}, by ${queries.length === 1 ? 'query' : 'queries'} ${list(queries)}; let the SQL yield one row for each key, and each key in one query of ${object} alone`,
    );
  }
  return problems;
}
