import type { SourceRow } from '../../contracts/source.ts';
import type { Context } from '../deps.ts';
import { beginning } from './account-parts.ts';
import { pageSize } from './read-rows.ts';

/**
 * Rows of these accounts that a reading in parts did not meet, because they were given from an account that was still to be read to one that was read
 * before: of the records that it did not meet, those that are there when they are asked for by their keys. A reading in one part meets every row that is
 * there for as long as it lasts, so that nothing is asked behind it.
 */
export async function* passedBy(
  { sys: { source } }: Pick<Context, 'sys'>,
  query: string,
  accounts: readonly string[] | null,
  unmet: readonly { readonly sourceId: string }[],
): AsyncGenerator<readonly SourceRow[]> {
  if (unmet.length === 0 || accounts === null || beginning(accounts).parts === 1) return;
  const own = new Set(await source.written(accounts));
  for (let start = 0; start < unmet.length; start += pageSize) {
    const keys = unmet.slice(start, start + pageSize).map(({ sourceId }) => sourceId);
    const rows = await source.get(query, keys);
    yield rows.filter(({ account }) => account !== null && own.has(account));
  }
}
