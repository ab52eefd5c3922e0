import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import type { Session, TargetPort } from '../../contracts/adapter.ts';
import { pilotOrders } from '../support/small-plan.ts';
import { startBench } from './bench.ts';
import { load, only, startLoadBench, write, type LoadBench } from './load-bench.ts';
import { customerOfOrders, newNumber, stageFreight } from './orders.ts';

let bench: LoadBench;
beforeAll(async () => {
  bench = await startLoadBench(6_000);
});
afterAll(() => bench.stop());

/**
 * The target, but each sale that is created there through it is created twice, as where a proxy gives a call to it anew. `lost`: nobody hears the answer.
 * Something may happen to the second at once.
 */
function stuttering(port: TargetPort, lost: boolean, happens: (id: string) => Promise<unknown> = () => Promise.resolve()): TargetPort {
  const open = async (): Promise<Session> => {
    const session = await port.open();
    return {
      ...session,
      write: async (name, rows, call) => {
        const outcomes = await session.write(name, rows, call);
        const creates = rows.filter(({ operation }) => operation === 'create');
        if (name === 'sale' && creates.length > 0) {
          const [second] = await session.write(name, creates, call);
          if (second?.outcome === 'applied') await happens(second.id);
        }
        return lost ? rows.map(({ effectId }) => ({ effectId, outcome: 'unknown', message: 'no answer came' })) : outcomes;
      },
    };
  };
  return { ...port, open };
}

test.each([
  ['heard', false],
  ['lost', true],
])('a lane deletes the second record of its own under a key, and stores how the first stands, where the answer was %s', async (_, lost) => {
  const ref = await bench.begin();
  const [customer, number] = [await customerOfOrders(bench, ref), newNumber()];
  await stageFreight(bench, ref, customer, number);
  const port = stuttering(bench.erp, lost);
  const systems: Deps['systems'] = async (run) => ({ ...(await bench.deps.systems(run)), target: () => port });

  expect(await load({ ...bench, deps: { ...bench.deps, systems } }, ref, 'order')).toEqual(['done']);

  const sale = await only(bench.person, 'sale', number);
  const { scope } = await bench.ledger.runs.get(ref.run);
  expect(await bench.ledger.crosswalk.bySource(scope ?? '', 'order', [number])).toMatchObject([{ targetId: sale.id, state: 'live' }]);
  const [written] = await bench.ledger.effects.history(scope ?? '', 'erp', 'order', [number]);
  expect(written).toMatchObject({ targetId: sale.id, status: 'applied', after: { state: 'quotation', fields: sale.fields } });
});

test('a second record of ours under a key that somebody has worked on by then is not deleted', async () => {
  const ref = await bench.begin();
  const number = newNumber();
  await stageFreight(bench, ref, await customerOfOrders(bench, ref), number);
  const port = stuttering(bench.erp, false, (id) => write(bench.person, 'sale', 'update', { comment: 'promised for Friday' }, id));
  const systems: Deps['systems'] = async (run) => ({ ...(await bench.deps.systems(run)), target: () => port });

  expect(await load({ ...bench, deps: { ...bench.deps, systems } }, ref, 'order')).toEqual(['done']);

  const comments = (await bench.person.findByKey('sale', [number])).map(({ fields }) => fields['comment']);
  expect([comments.length, comments.includes('promised for Friday')]).toEqual([2, true]);
});

test('verification names the second record of ours that came to stand under a key after its lane was done', async () => {
  const whole = await startBench();
  try {
    const pilot = whole.wave('pilot');
    await whole.act.openWave(pilot);
    await whole.load(pilot);
    const { scope } = await whole.ledger.runs.get(pilot.run);
    const [written] = await whole.ledger.effects.history(scope ?? '', 'erp', 'order', pilotOrders);
    if (written === undefined) throw new Error('no order was loaded');
    const erp = (await whole.deps.systems(pilot)).target('erp');
    const [double] = await write(erp, 'sale', 'create', written.fields);
    expect(double).toMatchObject({ outcome: 'applied' });

    await whole.act.verifyWave(pilot);

    const found = (await whole.ledger.exceptions.openOf(pilot.run)).filter(({ kind }) => kind === 'double');
    expect(found).toMatchObject([
      { object: 'order', sourceId: written.sourceId, candidates: [double !== undefined && 'id' in double && double.id] },
    ]);
  } finally {
    await whole.stop();
  }
});
