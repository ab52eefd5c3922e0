import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { WaveRef } from '../../contracts/messages.ts';
import type { LaneToken } from '../../ledger/tokens.ts';
import type { NewEffect } from '../../ledger/effect-row.ts';
import type { EffectEnd } from '../../ledger/effects.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { askDatabase, withConnection } from '../../scripts/dev/sql.ts';
import { storeRun } from '../support/ledger-sample.ts';
import { ownLedger, type OwnLedger } from '../support/own-ledger.ts';

let own: OwnLedger;
let ledger: Ledger;
let url = '';
let ref: WaveRef;
let scope = '';
let runs = 0;

beforeAll(async () => {
  own = await ownLedger();
  ({ url } = own);
  ledger = openLedger(url);
});
afterAll(async () => {
  await ledger.close();
  await own.drop();
});
beforeEach(async () => {
  runs += 1;
  const run = `cutover/receipts/${String(runs)}`;
  await storeRun(ledger, run, { name: 'receipts' }, { name: 'rehearsal' });
  await ledger.runs.beatGuard(run);
  ref = { run, planHash: '', envHash: '', wave: 'pilot', attempt: 1 };
  scope = (await ledger.runs.get(run)).scope ?? '';
});

async function claim(): Promise<LaneToken> {
  const [lane = 0] = await ledger.lanes.plan({ ...ref, kind: 'load', object: 'customer' }, ['ALFKI'], 1);
  const claimed = await ledger.lanes.claim(lane, 60_000);
  if (!('token' in claimed)) throw new Error(`the lane was not claimed: ${claimed.refused}`);
  return { scope, run: ref.run, wave: ref.wave, attempt: 1, lane, token: claimed.token };
}
const create = (): NewEffect => ({
  ...{ id: randomUUID(), system: 'erp', object: 'customer', targetObject: 'party', sourceId: 'ALFKI', operation: 'create', revision: 1 },
  ...{ contentHash: 'one', fields: { code: 'ALFKI' }, before: null, targetId: null, origin: 'created', undoes: null },
});
const made = (effect: NewEffect, id: string, n = 1) => [{ n, row: { effectId: effect.id, outcome: 'applied' as const, id } }];
const noAnswer = (effect: NewEffect, n = 1) => [{ n, row: { effectId: effect.id, outcome: 'unknown' as const, message: 'no answer' } }];
const statuses = () =>
  rowsOf(`select status, target_id from effect where run = '${ref.run}' and wave = 'pilot' and attempt = 1 order by ordinal`);
const rowsOf = async (statement: string) => (await askDatabase(url, [statement])).flat().map((row) => Object.values(row));
const named = async () => (await ledger.crosswalk.bySource(scope, 'customer', ['ALFKI'])).map(({ targetId }) => targetId);
const late = async () => (await ledger.late.open(ref.run, 'pilot')).map(({ targetId }) => targetId);

test('a write reported in time is followed by the crosswalk', async () => {
  const [lane, effect] = [await claim(), create()];
  expect(await ledger.calls.intend(lane, [effect], 1_000)).toEqual({ opened: [{ id: effect.id, n: 1 }], taken: [], barred: [] });
  expect(await ledger.calls.receive(lane, made(effect, '7'), false)).toBe(0);
  expect([await statuses(), await named(), await late()]).toEqual([[['applied', '7']], ['7'], []]);
});

test('a write reported after the wave was raised is late: it is applied, so that the rollback takes it back, and no crosswalk follows', async () => {
  const [lane, effect] = [await claim(), create()];
  await ledger.calls.intend(lane, [effect], 1_000);
  await ledger.waves.raise('request', ref);
  expect(await ledger.calls.receive(lane, made(effect, '7'), false)).toBe(1);
  expect([await statuses(), await named(), await late()]).toEqual([[['applied', '7']], [], ['7']]);
});

test('a write reported for a call that was judged absent is late and moves no status; a refusal of it changes nothing', async () => {
  const [lane, effect] = [await claim(), create()];
  await ledger.calls.intend(lane, [effect], 1_000);
  await ledger.calls.receive(lane, noAnswer(effect), false);
  await ledger.calls.judge([{ effect: effect.id, n: 1, says: 'absent', targetId: null, reason: null }], true);
  expect(await ledger.calls.receive(lane, made(effect, '7'), false)).toBe(1);
  const no = { effectId: effect.id, outcome: 'rejected', kind: 'invalidData', message: 'no' } as const;
  expect(await ledger.calls.receive(lane, [{ n: 1, row: no }], false)).toBe(0);
  expect([await statuses(), await named(), await late()]).toEqual([[['absent', null]], [], ['7']]);
});

test('a write of a record that already stands for another one in the target is late', async () => {
  const [lane, effect] = [await claim(), create()];
  await ledger.crosswalk.match(lane, [
    {
      ...{ object: 'customer', sourceId: 'ALFKI', system: 'erp', targetObject: 'party' },
      ...{ targetId: '3', shares: 'never', contentHash: null },
    },
  ]);
  await ledger.calls.intend(lane, [effect], 1_000);
  expect(await ledger.calls.receive(lane, made(effect, '7'), false)).toBe(1);
  expect([await statuses(), await named(), await late()]).toEqual([[['applied', '7']], ['3'], ['7']]);
});

test('a second call of an effect belongs to the lane that makes it, and waits for the end of that lane’s session', async () => {
  const [first, second, effect] = [await claim(), await claim(), create()];
  for (const lane of [first, second]) await ledger.lanes.openSession(lane.lane, lane.token, 'erp', 'handle');
  await ledger.calls.intend(first, [effect], 1_000);
  expect(await ledger.calls.intend(second, [effect], 1_000)).toEqual({ opened: [], taken: [], barred: [effect.id] });
  await ledger.calls.receive(first, noAnswer(effect), false);
  await ledger.calls.judge([{ effect: effect.id, n: 1, says: 'absent', targetId: null, reason: null }], true);
  await ledger.lanes.endSession(first.lane, first.token, 'erp');
  expect(await ledger.calls.intend(second, [effect], 1_000)).toEqual({ opened: [{ id: effect.id, n: 2 }], taken: [], barred: [] });
  expect(await ledger.calls.open({ lane: first.lane })).toEqual([]);
  expect(await ledger.calls.open({ lane: second.lane })).toMatchObject([
    { n: 2, token: second.token, sessionEndedMs: null, effect: { lane: second.lane } },
  ]);
});

test('an open call is told to whoever else has its record, and as over once its attempt or its run is', async () => {
  const [lane, other, effect] = [await claim(), await claim(), create()];
  await ledger.calls.intend(lane, [effect], 1_000);
  const told = async (asks: LaneToken) =>
    (await ledger.calls.openElsewhere(asks, { system: 'erp', targetObject: 'party' }, ['ALFKI', 'BLONP'])).map(({ isOver }) => isOver);
  expect([await told(lane), await told(other)]).toEqual([[], [false]]);
  await rowsOf(`update wave set attempt = 2 where run = '${ref.run}'`);
  expect(await told(other)).toEqual([true]);
  await rowsOf(`update wave set attempt = 1 where run = '${ref.run}'`);
  await rowsOf(`update run set state = 'rolledBack' where id = '${ref.run}'`);
  expect(await told(other)).toEqual([true]);
  expect(await ledger.calls.leftOpen(ref.run, 'pilot', 'customer')).toEqual(['ALFKI']);
  await ledger.lanes.finish(lane.lane, lane.token);
  expect(await ledger.calls.leftOpen(ref.run, 'pilot', 'customer')).toEqual([]);
});

test('a receipt whose message holds what no database can is recorded all the same', async () => {
  const [lane, effect] = [await claim(), create()];
  await ledger.calls.intend(lane, [effect], 1_000);
  const row = { effectId: effect.id, outcome: 'rejected', kind: 'invalidData', message: 'cut off \ud83d, and \0 "here" \\u0000' } as const;
  await ledger.calls.receive(lane, [{ n: 1, row }], false);
  expect(await rowsOf(`select outcome, message from failure where effect = '${effect.id}'`)).toEqual([
    ['rejected', 'cut off \u{fffd}, and \u{fffd} "here" \\u0000'],
  ]);
});

/** Ends an effect as an undo does. */
const endEffect = (lane: LaneToken, end: EffectEnd): Promise<unknown> =>
  ledger.crosswalk.endRows(lane, [], { leftAgain: [], told: [], effects: [end] });

test('only an effect that stands is ended by a rollback', async () => {
  const [lane, effect] = [await claim(), create()];
  await ledger.calls.intend(lane, [effect], 1_000);
  await endEffect(lane, { id: effect.id, status: 'undone', reason: 'too early' });
  expect(await statuses()).toEqual([['intended', null]]);
  await ledger.calls.receive(lane, made(effect, '7'), false);
  await endEffect(lane, { id: effect.id, status: 'undone', reason: 'deleted' });
  await endEffect(lane, { id: effect.id, status: 'kept', reason: 'asked twice' });
  expect(await statuses()).toEqual([['undone', '7']]);
});

/** An update of a party that was there before. */
const update = (sourceId: string, targetId: string): NewEffect => ({
  ...create(),
  ...{ sourceId, operation: 'update', targetId, origin: 'matched', before: { state: 'active', fields: { code: 'OLD' } } },
});
const owners = async (...ids: readonly string[]) => Object.fromEntries(await ledger.owners.of(scope, 'erp', 'party', ids));
const alfki = { object: 'customer', sourceId: 'ALFKI' };
const open = async () => (await ledger.exceptions.openOf(ref.run)).filter(({ object }) => object === 'customer');

test('a target record is reserved by the intent, for one source record only, which may enter again', async () => {
  const [lane, mine, theirs] = [await claim(), update('ALFKI', '7'), update('BLONP', '7')];
  expect(await ledger.calls.intend(lane, [mine, theirs], 1_000)).toEqual({
    opened: [{ id: mine.id, n: 1 }],
    taken: [{ id: theirs.id, owner: alfki }],
    barred: [],
  });
  expect(await ledger.calls.intend(lane, [mine], 1_000)).toEqual({ opened: [], taken: [], barred: [mine.id] });
  expect(await owners('7')).toEqual({ '7': alfki });
});

test('a target record stays reserved while its call is open, and is given up when its only call wrote nothing', async () => {
  const [lane, effect] = [await claim(), update('ALFKI', '7')];
  await ledger.calls.intend(lane, [effect], 1_000);
  await ledger.calls.receive(lane, noAnswer(effect), false);
  expect(await owners('7')).toEqual({ '7': alfki });
  await ledger.calls.judge([{ effect: effect.id, n: 1, says: 'absent', targetId: '7', reason: null }], true);
  expect(await owners('7')).toEqual({});
  await ledger.calls.intend(lane, [effect], 1_000);
  await ledger.calls.receive(lane, made(effect, '7', 2), false);
  const [row] = await ledger.crosswalk.bySource(scope, 'customer', ['ALFKI']);
  for (const state of ['deactivated', 'kept'] as const)
    await ledger.crosswalk.endRows(lane, [{ id: row?.id ?? 0, state, contentHash: null }]);
  expect(await owners('7')).toEqual({ '7': alfki });
  await endEffect(lane, { id: effect.id, status: 'undone', reason: 'restored' });
  await ledger.crosswalk.endRows(lane, [{ id: row?.id ?? 0, state: 'retired', contentHash: null }]);
  expect(await owners('7')).toEqual({});
});

test('a write reported after its target record was given up is an exception that names both records, and nothing takes it back', async () => {
  const [lane, effect, next] = [await claim(), update('ALFKI', '7'), update('BLONP', '7')];
  await ledger.calls.intend(lane, [effect], 1_000);
  await ledger.calls.receive(lane, noAnswer(effect), false);
  await ledger.calls.judge([{ effect: effect.id, n: 1, says: 'absent', targetId: '7', reason: null }], true);
  await ledger.calls.intend(lane, [next], 1_000);
  expect(await ledger.calls.receive(lane, made(effect, '7'), false)).toBe(1);
  expect(await statuses()).toEqual([
    ['absent', '7'],
    ['intended', '7'],
  ]);
  expect(await open()).toMatchObject([
    { sourceId: 'ALFKI', kind: 'ambiguousOutcome', message: expect.stringContaining('stands for customer BLONP') as unknown },
  ]);
});

test('a create answered with a record that stands for another one is ambiguous, an exception, and never sent again', async () => {
  const [lane, effect, other] = [await claim(), create(), update('BLONP', '7')];
  await ledger.calls.intend(lane, [other, effect], 1_000);
  await ledger.calls.receive(lane, made(effect, '7'), false);
  expect(await statuses()).toEqual([
    ['intended', '7'],
    ['ambiguous', '7'],
  ]);
  expect(await open()).toMatchObject([{ sourceId: 'ALFKI', kind: 'ambiguousOutcome' }]);
  expect(await named()).toEqual([]);
  const again = { ...create(), revision: 2 };
  expect(await ledger.calls.intend(lane, [again], 1_000)).toEqual({ opened: [], taken: [], barred: [] });
  // Of another object with the same target and key nobody was told anything: it is written.
  const supplier = { ...create(), object: 'supplier' };
  expect(await ledger.calls.intend(lane, [supplier], 1_000)).toMatchObject({ opened: [{ id: supplier.id, n: 1 }] });
});

test('a record whose effect becomes ambiguous while the next one is intended gets no further call', async () => {
  const [lane, first] = [await claim(), create()];
  await ledger.calls.intend(lane, [first], 1_000);
  await withConnection(url, async (late) => {
    await late.query('begin');
    await late.query(`update effect set status = 'ambiguous', closed = 'ambiguous', closed_at = clock_timestamp() where id = $1`, [
      first.id,
    ]);
    const intent = ledger.calls.intend(lane, [{ ...create(), revision: 2 }], 1_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await late.query('commit');
    expect(await intent).toMatchObject({ opened: [], taken: [] });
  });
  expect(await ledger.calls.intend(lane, [{ ...create(), revision: 3 }], 1_000)).toEqual({ opened: [], taken: [], barred: [] });
});

test('late receipts of a batch and the next intents on its records never stand in each other’s way', async () => {
  const failed: string[] = [];
  for (let round = 0; round < 12; round += 1) {
    const lane = await claim();
    const batch = Array.from({ length: 60 }, (_, at) => update(`R${String(round)}-${String(at)}`, `${String(round)}-${String(at)}`));
    await ledger.calls.intend(lane, batch, 1_000);
    const no = batch.map(({ id }) => ({
      n: 1,
      row: { effectId: id, outcome: 'rejected' as const, kind: 'invalidData' as const, message: 'no' },
    }));
    const receipts = ledger.calls.receive(lane, no, false).catch((error: unknown) => failed.push(`receive: ${String(error)}`));
    await new Promise((resolve) => setTimeout(resolve, round));
    const again = batch.map((effect) => ({ ...effect, id: randomUUID(), revision: 2 }));
    const intents = ledger.calls.intend(lane, again, 1_000).catch((error: unknown) => failed.push(`intend: ${String(error)}`));
    await Promise.all([receipts, intents]);
  }
  expect(failed).toEqual([]);
});

test('one effect that is named twice is opened once', async () => {
  const [lane, effect] = [await claim(), create()];
  expect(await ledger.calls.intend(lane, [effect, { ...effect }], 1_000)).toEqual({
    opened: [{ id: effect.id, n: 1 }],
    taken: [],
    barred: [],
  });
});

test('of two lanes that intend writes to the same records at the same time, one opens each', async () => {
  for (let round = 0; round < 12; round += 1) {
    const lanes = [await claim(), await claim()];
    const keys = Array.from({ length: 60 }, (_, at) => `T${String(round)}-${String(at)}`);
    const intents = await Promise.all(
      lanes.map((lane) =>
        ledger.calls.intend(
          lane,
          keys.map((sourceId) => ({ ...create(), sourceId })),
          1_000,
        ),
      ),
    );
    expect(intents.flatMap((intent) => (typeof intent === 'string' ? [] : intent.opened))).toHaveLength(keys.length);
    const open = await rowsOf(
      `select source_id from effect where run = '${ref.run}' and source_id like 'T${String(round)}-%' order by ordinal`,
    );
    expect(open.flat().toSorted()).toEqual(keys.toSorted());
  }
});

test('a record that the search found standing is read back anew', async () => {
  const [lane, effect] = [await claim(), create()];
  await ledger.calls.intend(lane, [effect], 1_000);
  await ledger.calls.receive(lane, made(effect, '7'), false);
  const image = async () => (await ledger.effects.ofLane(lane.lane)).map(({ after }) => after?.state);
  for (const state of ['active', 'inactive']) {
    await ledger.effects.setAfter([{ id: effect.id, after: { state, fields: {} } }]);
    expect([await image(), await ledger.effects.unread(lane.lane, [])]).toEqual([[state], []]);
  }
  await ledger.waves.raise('read anew', ref);
  await ledger.effects.reopen(effect.id, '8');
  expect(await image()).toEqual([undefined]);
  expect(await ledger.effects.unread(lane.lane, [])).toMatchObject([{ id: effect.id, targetId: '8' }]);
});

test('contents come back as they were written, whatever is in their texts, with and without before-images in one batch', async () => {
  const lane = await claim();
  const texts = ['', ' ', '\\N', '"\\"', 'a\nb\r\n\u2028\tc', 'NUL \0', '\ud83d half a pair', 'ü 漢 🙂', '{"a":"\\n"}', '\\u0000'];
  const effects = texts.map((text, at): NewEffect => {
    const fields = { code: text, [text]: [text, { [text]: null }], no: 1.5, yes: true };
    return { ...create(), sourceId: `K${String(at)}`, fields, before: at % 2 === 0 ? null : { state: 'active', fields } };
  });
  await ledger.calls.intend(lane, effects, 1_000);
  const calls = effects.map(({ id }, at) => ({ n: 1, row: { effectId: id, outcome: 'applied' as const, id: String(at) } }));
  expect(await ledger.calls.receive(lane, calls, false)).toBe(0);
  await ledger.effects.setAfter(effects.map(({ id, fields }) => ({ id, after: { state: 'active', fields } })));
  const stored = effects.map(({ id, fields, before }, at) => ({
    id,
    fields,
    before,
    targetId: String(at),
    after: { state: 'active', fields },
  }));
  expect(await ledger.effects.ofLane(lane.lane)).toMatchObject(stored);
});

test('of a batch of answers each is settled by itself: those of records that nothing else knows, and those among them that need a second look', async () => {
  const lane = await claim();
  const keys = ['FRESH', 'NAMED', 'TAKEN', 'JUDGED', 'SECOND', 'REFUSED'];
  const effects = keys.map((sourceId) => ({ ...create(), sourceId }));
  const id = (key: string): string => effects[keys.indexOf(key)]?.id ?? '';
  await ledger.calls.intend(lane, effects, 1_000);
  await ledger.calls.judge([{ effect: id('JUDGED'), n: 1, says: 'absent', targetId: null, reason: null }], true);
  await ledger.calls.receive(
    lane,
    [{ n: 1, row: { effectId: id('SECOND'), outcome: 'rejected', kind: 'invalidData', message: 'no' } }],
    false,
  );
  await ledger.calls.intend(lane, [effects[4] as NewEffect], 1_000);
  await ledger.crosswalk.match(lane, [
    { object: 'customer', sourceId: 'NAMED', system: 'erp', targetObject: 'party', targetId: '900', shares: 'never', contentHash: null },
    { object: 'customer', sourceId: 'OTHER', system: 'erp', targetObject: 'party', targetId: '102', shares: 'never', contentHash: null },
  ]);
  const applied = keys.slice(0, 5).map((key, at) => ({
    ...{ n: key === 'SECOND' ? 2 : 1, row: { effectId: id(key), outcome: 'applied' as const, id: String(100 + at) } },
  }));
  const no = { effectId: id('REFUSED'), outcome: 'rejected', kind: 'invalidData', message: 'no' } as const;
  expect(await ledger.calls.receive(lane, [...applied, { n: 1, row: no }], false)).toBe(3);
  expect(await rowsOf(`select source_id, status, target_id, closed from effect where run = '${ref.run}' order by ordinal`)).toEqual([
    ['FRESH', 'applied', '100', 'applied'],
    ['NAMED', 'applied', '101', 'applied'],
    ['TAKEN', 'ambiguous', '102', 'applied'],
    ['JUDGED', 'absent', null, 'absent'],
    ['SECOND', 'applied', '104', 'applied'],
    ['REFUSED', 'rejected', null, 'rejected'],
  ]);
  expect((await ledger.crosswalk.bySource(scope, 'customer', keys)).map((row) => [row.sourceId, row.targetId]).toSorted()).toEqual([
    ['FRESH', '100'],
    ['NAMED', '900'],
    ['SECOND', '104'],
  ]);
});
