import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Systems } from '../../activities/deps.ts';
import { beginning, placeOfRow } from '../../activities/run/account-parts.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { inLegacy } from '../support/arena/people.ts';
import { smallWaves } from '../support/small-plan.ts';
import { dying, type Bench } from './bench.ts';
import { startLargeBench } from './large-bench.ts';

/** With those of the small waves more than one part. */
const more = 300;
let bench: Bench;
beforeAll(async () => {
  bench = await startLargeBench(more);
}, 120_000);
afterAll(() => bench.stop());

const accounts = [
  ...smallWaves.east,
  ...smallWaves.west,
  ...Array.from({ length: more }, (_, index) => `G${String(index + 1).padStart(4, '0')}`),
];

/** The first of the accounts G0001 and so on, by number, that is read in this part. */
function numberIn(part: number): number {
  const ofPart = (number: number): number => placeOfRow({ key: '', account: accounts[number + 4] ?? '' }, beginning(accounts)).part;
  return Array.from({ length: more }, (_, index) => index + 1).find((number) => ofPart(number) === part) ?? 0;
}

test('an order that is given to an account that was read before, from one that is still to be read, has not vanished', async () => {
  const [read, unread] = [numberIn(0), numberIn(1)];
  const [order, from, to] = [String(30_000 + unread), accounts[unread + 4] ?? '', accounts[read + 4] ?? ''];
  let pages = 0;
  const systems = async (...of: Parameters<Bench['deps']['systems']>): Promise<Systems> => {
    const known = await bench.deps.systems(...of);
    const readPage: Systems['source']['read'] = async (query, page) => {
      const found = await known.source.read(query, page);
      const isBefore =
        query === 'openOrders' && page.accounts?.includes(to) === true && !page.accounts.includes(from) && found.next === null;
      if (isBefore) await inLegacy(bench.business, 'admin', `update orders set customer_id = '${to}' where order_id = ${order}`);
      pages += Number(isBefore);
      return found;
    };
    return { ...known, source: { ...known.source, read: readPage } };
  };
  await dying(bench, { systems }).stageDelta(bench.wave('east'));
  expect(pages).toBe(1);
  const asked = `select account, disposition from record where object = 'order' and source_id = '${order}' and latest`;
  expect(await askDatabase(bench.business.ledgerUrl, [asked])).toEqual([[{ account: to, disposition: 'move' }]]);
});
