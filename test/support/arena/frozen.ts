import { askDatabase } from '../../../scripts/dev/sql.ts';
import type { Driver } from './driver.ts';

interface Standing {
  readonly waves: readonly { readonly name: string; readonly frozenMs: number | null; readonly loadedBeforeMs: number }[];
}

/** What `cutover status` tells of east. */
export async function eastIn(driver: Driver): Promise<Standing['waves'][number] | undefined> {
  const { waves } = JSON.parse((await driver.cli('status', driver.run, '--json')).stdout) as Standing;
  return waves.find(({ name }) => name === 'east');
}

/** What the ledger wrote down for this attempt of east since its first freeze was allowed, by object and source id. */
export async function writtenInFreeze({ business, run }: Driver, attempt: number): Promise<readonly string[]> {
  const [written = []] = await askDatabase(business.ledgerUrl, [
    `select distinct object || ' ' || source_id as what from effect where run = '${run}' and wave = 'east' and attempt = ${String(attempt)} and first_intended_at >
      (select min(at) from act where run = '${run}' and wave = 'east' and attempt = ${String(attempt)} and kind = 'freeze') order by 1`,
  ]);
  return written.map(({ what }) => String(what));
}
