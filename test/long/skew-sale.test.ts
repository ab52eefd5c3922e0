import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/activities.ts';
import type { Deps } from '../../activities/deps.ts';
import { allAlone, undoAll } from '../activities/bench.ts';
import { load, only, startLoadBench, type LoadBench } from '../activities/load-bench.ts';
import { customerOfOrders, newNumber, stageFreight } from '../activities/orders.ts';
import { clocks, shifted } from '../activities/shifted-clock.ts';

let bench: LoadBench;
beforeAll(async () => {
  bench = await startLoadBench(3_000);
});
afterAll(() => bench.stop());
afterEach(() => bench.fault(null));

test.each(clocks)(
  'a sale whose answer was lost is ours, there once, and gone after a rollback, with the clock of the target off by %j',
  async (clock) => {
    const ref = await bench.begin();
    const [customer, number] = [await customerOfOrders(bench, ref), newNumber()];
    await stageFreight(bench, ref, customer, number);
    const { port, point } = shifted(bench.erp, clock);
    const systems: Deps['systems'] = async (run) => ({ ...(await bench.deps.systems(run)), target: () => port });
    const deps = { ...bench.deps, systems, point };

    await bench.fault({ match: { bodyIncludes: 'sale.sale.create' }, action: 'loseResponse', times: 1 });
    expect(await load({ ...bench, deps }, ref, 'order')).toEqual(['done']);
    expect(await bench.faultHits()).toBe(1);
    expect(await only(bench.person, 'sale', number)).toMatchObject({ state: 'quotation' });
    const { scope } = await bench.ledger.runs.get(ref.run);
    expect(await bench.ledger.crosswalk.bySource(scope ?? '', 'order', [number])).toMatchObject([{ origin: 'created' }]);
    expect(await bench.ledger.exceptions.openOf(ref.run)).toEqual([]);

    const act = allAlone(createActivities(deps));
    await act.raiseWave(ref, `back ${ref.run}`, 'a clock that is wrong');
    await undoAll(act, ref);
    expect(await bench.person.findByKey('sale', [number])).toEqual([]);
    expect(await bench.person.findByKey('party', [customer])).toHaveLength(1);
    expect((await bench.ledger.exceptions.openOf(ref.run)).map(({ kind, message }) => `${kind}: ${message}`)).toEqual([]);
  },
);
