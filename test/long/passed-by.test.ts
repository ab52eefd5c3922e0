import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Systems } from '../../activities/deps.ts';
import { accountsOfPart, beginning, placeOfRow } from '../../activities/run/account-parts.ts';
import type { AllActivities } from '../../contracts/activities.ts';
import { askDatabase } from '../../scripts/dev/sql.ts';
import { dying, type Bench } from '../activities/bench.ts';
import { startLargeBench } from '../activities/large-bench.ts';
import { inLegacy } from '../support/arena/people.ts';
import { smallWaves } from '../support/small-plan.ts';

/** With those of the small waves more accounts than one part has. */
const added = Array.from({ length: accountsOfPart }, (_, index) => `G${String(index + 1).padStart(4, '0')}`);
const accounts = [...smallWaves.east, ...smallWaves.west, ...added];
let bench: Bench;
beforeAll(async () => {
  bench = await startLargeBench(added.length);
}, 240_000);
afterAll(() => bench.stop());

/** Of the accounts that are read in this part the one at a place, with the number of its order. */
function inPart(part: number, place: number): { readonly account: string; readonly order: string } {
  const account = added.filter((one) => placeOfRow({ key: '', account: one }, beginning(accounts)).part === part)[place];
  if (account === undefined) throw new Error(`so many accounts are not read in part ${String(part)}`);
  return { account, order: String(30_001 + added.indexOf(account)) };
}

interface Given {
  readonly order: string;
  readonly from: string;
  readonly to: string;
}

/** Activities in whose reading of open orders one is given to another account, as soon as that account was read and while the other is still to be read. */
function giving({ order, from, to }: Given): AllActivities & { readonly given: () => number } {
  let given = 0;
  const systems = async (...of: Parameters<Bench['deps']['systems']>): Promise<Systems> => {
    const known = await bench.deps.systems(...of);
    const read: Systems['source']['read'] = async (query, page) => {
      const found = await known.source.read(query, page);
      const isThen = query === 'openOrders' && page.accounts?.includes(to) === true && !page.accounts.includes(from) && found.next === null;
      if (isThen) await inLegacy(bench.business, 'admin', `update orders set customer_id = '${to}' where order_id = ${order}`);
      given += Number(isThen);
      return found;
    };
    return { ...known, source: { ...known.source, read } };
  };
  return { ...dying(bench, { systems }), given: () => given };
}

const asked = async (statement: string): Promise<unknown> => (await askDatabase(bench.business.ledgerUrl, [statement]))[0];

test('an order that is given to an account that was read before, from one that is still to be read, has not vanished', async () => {
  const [{ account: to }, { account: from, order }] = [inPart(0, 0), inPart(1, 0)];
  const act = giving({ order, from, to });
  await act.stageDelta(bench.wave('east'));
  expect(act.given()).toBe(1);
  const record = `select account, disposition from record where object = 'order' and source_id = '${order}' and latest`;
  expect(await asked(record)).toEqual([{ account: to, disposition: 'move' }]);
});

test('what was found of such an order when the books were compared before stands, until it is compared again', async () => {
  const [{ account: to }, { account: from, order }] = [inPart(0, 1), inPart(1, 1)];
  const east = bench.wave('east');
  await bench.act.openWave(east);
  await bench.load(east);
  await bench.act.enterShadow(east);
  const all = (await bench.act.compareBooks(east)).compared;
  expect(all).toBeGreaterThan(2 * accountsOfPart);
  const act = giving({ order, from, to });
  await act.compareBooks(east);
  expect(act.given()).toBe(1);
  const compared = `select count(*)::int as rows, count(*) filter (where object = 'order' and source_id = '${order}')::int as given from comparison where wave = 'east'`;
  expect(await asked(compared)).toEqual([{ rows: all, given: 1 }]);
}, 300_000);
