import { afterEach, expect, test } from 'vitest';
import { createTryton } from '../../adapters/tryton/tryton.ts';
import { callsToUndo } from '../../domain/budget/undo.ts';
import type { Session, TargetPort, WriteRow } from '../../contracts/adapter.ts';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import type { JournalEntry } from '../../sandbox/journal.ts';
import { companyName } from '../contract/tryton-bench.ts';
import { CrmPerson, crmTable, erpTable, isErpPointer } from '../support/arena/people.ts';
import { dying, undoAll, type Bench } from './bench.ts';
import { startLargeBench } from './large-bench.ts';

const sizes = [60, 240] as const;
/** Of these orders one is cancelled by a person before its activation, one gets a comment in the moment before it; and so does one account its city. */
const [cancelled, commented, moved] = ['30055', '30027', 'G0005'];

let bench: Bench;
afterEach(() => bench.stop());

test('a switch costs three calls for ten documents and three for 25 pointers, each refusal keeps back its own record alone, and the way back costs as little', async () => {
  const counts = [];
  for (const size of sizes) {
    if (size !== sizes[0]) await bench.stop();
    bench = await startLargeBench(size);
    counts.push(await callsOf(size));
  }
  const [one, four] = counts;
  const each = (phase: 'activation' | 'pointers' | 'back'): number =>
    ((four?.[phase] ?? Infinity) - (one?.[phase] ?? 0)) / (sizes[1] - sizes[0]);
  expect(each('activation')).toBeLessThan(0.32);
  expect(each('pointers')).toBeLessThan(0.14);
  expect(each('back')).toBeLessThan(0.16);
  // What a reserve is reckoned with is no less, and not many times as much.
  const reckoned = callsToUndo([{ records: sizes[1], batchSize: 25 }], 1, 5);
  expect(four?.back).toBeLessThanOrEqual(reckoned);
  expect(reckoned).toBeLessThan(4 * (four?.back ?? 0));
}, 280_000);

/** Switches a wave, looks at what came of it, switches it again, and takes it back. */
async function callsOf(size: number): Promise<Readonly<Record<'activation' | 'pointers' | 'back', number>>> {
  const ref = await sealed();
  const act = dying(bench, { systems: meddled() });
  const lanes = await act.planSwitch(ref);
  const switched = async (object: string, system: 'erp' | 'crm', refused: number): Promise<number> => {
    let failed = 0;
    const calls = await callsIn(system, async () => {
      for (const lane of lanes)
        if ((await bench.ledger.lanes.get(lane)).object === object) failed += (await act.switchLane(ref, lane)).failed;
    });
    expect(failed).toBe(refused);
    return calls;
  };
  const counted = { activation: await switched('order', 'erp', 2), pointers: await switched('crmAccount', 'crm', 1) };
  const open = (await erpTable(bench.business, 'sale.sale')).filter(({ state }) => state !== 'processing');
  expect(open.map(({ reference, state, comment }) => [reference, state, comment]).sort()).toEqual([
    [commented, 'quotation', 'call first'],
    [cancelled, 'cancelled', null],
  ]);
  const accounts = await crmTable(bench.business, 'Account');
  expect(accounts.find(({ AccountNumber: key }) => key === moved)).toMatchObject({ BookOfRecord__c: null, BillingCity: 'Rostock' });
  expect(accounts.filter(({ BookOfRecord__c: pointer }) => isErpPointer(pointer)).length).toBeGreaterThanOrEqual(size - 1);
  for (const lane of await act.planSwitch(ref)) await act.switchLane(ref, lane);
  expect(await act.finishSwitch(ref)).toMatchObject({ end: 'open', open: 1 });
  await act.raiseWave(ref, 'back', 'the bench takes it back');
  const back = await callsIn('crm', async () => {
    for (const lane of await act.planUndo(ref)) expect(await act.undoLane(ref, lane)).toMatchObject({ end: 'done' });
  });
  await undoAll(act, ref);
  expect((await crmTable(bench.business, 'Account')).filter(({ BookOfRecord__c: pointer }) => isErpPointer(pointer))).toEqual([]);
  return { ...counted, back };
}

/** The wave behind its seal; one of its orders is cancelled by a person after that. */
async function sealed(): Promise<WaveRef> {
  const { act } = bench;
  const ref = await bench.bringIn('east');
  await act.freezeWave(ref);
  await act.stageDelta(ref);
  await bench.load(ref);
  await act.openGate({ ...ref, gate: gateNames.switch(ref.wave), kind: 'switch' });
  expect(await act.sealWave(ref)).toBe('sealed');
  await inErp('cancel', cancelled, {});
  return ref;
}

/** What a person does to a sale. */
async function inErp(operation: WriteRow['operation'], reference: string, fields: WriteRow['fields']): Promise<void> {
  const { url, database, salesPassword: password } = bench.business.erp;
  const values = { url, database, user: 'sales', password };
  const port = createTryton({ adapter: 'tryton', company: companyName, currency: 'USD' }, { system: 'erp', callTimeoutMs: 5_000, values });
  const session = await port.open();
  const [record] = await port.findByKey('sale', [reference]);
  const row = { effectId: 'a person', operation, id: record?.id ?? null, fields, stamp: null };
  const signal = new AbortController().signal;
  expect(await session.write('sale', [row], { signal, beforeSend: () => undefined })).toMatchObject([{ outcome: 'applied' }]);
  await Promise.all([session.close(), port.dispose()]);
}

/** The systems, in which people change a record that a batch holds after it was looked at and before the batch is sent. */
function meddled(): Bench['deps']['systems'] {
  const meddle = async (object: string): Promise<void> => {
    if (object === 'sale') return inErp('annotate', commented, { comment: 'call first' });
    const account = (await crmTable(bench.business, 'Account')).find(({ AccountNumber: key }) => key === moved);
    const person = await CrmPerson.enter(bench.business);
    await person.request('PATCH', `/sobjects/Account/${String(account?.['Id'])}`, { BillingCity: 'Rostock' });
  };
  const done = new Map<string, Promise<void>>();
  const sessionOf = (session: Session): Session => ({
    ...session,
    write: async (object, rows, call) => {
      // No batch leaves before it happened.
      const once = done.get(object) ?? meddle(object);
      done.set(object, once);
      await once;
      return session.write(object, rows, call);
    },
  });
  const portOf = (port: TargetPort): TargetPort => ({ ...port, open: async () => sessionOf(await port.open()) });
  return async (ref) => {
    const systems = await bench.deps.systems(ref);
    return { ...systems, target: (name) => portOf(systems.target(name)) };
  };
}

/** How many calls the runner made meanwhile, by the system's own journal. */
async function callsIn(system: 'erp' | 'crm', work: () => Promise<void>): Promise<number> {
  const journal = async (): Promise<readonly JournalEntry[]> =>
    (await (await fetch(`${bench.business[system].url}/_sandbox/journal`)).json()) as readonly JournalEntry[];
  const before = (await journal()).length;
  await work();
  return (await journal()).slice(before).filter(({ user }) => user?.startsWith('cutover') === true).length;
}
