import type { SourcePort, SourceRow } from '../../contracts/source.ts';
import type { Context } from '../deps.ts';
import { toldPages } from '../pulse.ts';
import { beginning, partsOfAccounts, type Place } from './account-parts.ts';

/** Rows of one page. */
export const pageSize = 500;

/**
 * All rows of a configured query, page by page, of these accounts or of everybody (null); those behind a place, where one is given. The accounts of many
 * are read part by part, so that rows come in the order of their keys only within a part; and a row that is given to an account of another part
 * meanwhile may be met twice, or not at all.
 */
export function readRows(
  { sys: { source } }: Pick<Context, 'sys'>,
  query: string,
  accounts: readonly string[] | null,
  behind: Place = beginning(accounts),
): AsyncGenerator<readonly SourceRow[]> {
  return toldPages(query, pagesOf(source, query, accounts, behind), () => source.count(query, accounts));
}

async function* pagesOf(
  source: SourcePort,
  query: string,
  accounts: readonly string[] | null,
  behind: Place,
): AsyncGenerator<readonly SourceRow[]> {
  const parts = accounts === null ? [null] : await partsOfAccounts(source, accounts, behind);
  for (const [index, part] of parts.entries()) {
    if (index < behind.part || (part?.length === 0 && parts.length > 1)) continue;
    let after = index === behind.part ? behind.key : null;
    do {
      const page: Awaited<ReturnType<SourcePort['read']>> = await source.read(query, { after, limit: pageSize, accounts: part });
      yield page.rows;
      after = page.next;
    } while (after !== null);
  }
}
