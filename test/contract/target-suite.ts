import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { Operation, RowOutcome, Session, TargetChange, TargetPort, TargetRecord, WriteRow } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { Fields, FieldValue } from '../../contracts/fields.ts';
import type { FaultRule } from '../../sandbox/fault-proxy/rules.ts';

/** Milliseconds the real system may take to be built the first time. */
export const startWithinMs = 600_000;

/** Who connects: the runner's own user, a person who works in the system, its administrator, or somebody with a wrong password. */
export type Visitor = 'runner' | 'person' | 'administrator' | 'stranger';

/** A running system, with a fault proxy in front of it that may be passed or not; `nowhere` is an address where nothing listens. */
export interface TargetBench {
  connect(as: Visitor, through?: 'direct' | 'proxy' | 'nowhere'): TargetPort;
  /** Orders a fault of the proxy; null takes all back. */
  fault(rule: FaultRule | null): Promise<void>;
  /** How often the faults that stand have met a call. */
  faultHits(): Promise<number>;
  stop(): Promise<void>;
}

/** Records the suite makes in one object of the system. */
export interface TargetSamples {
  readonly object: string;
  /** A complete record with this key; two with different keys differ in nothing the system keeps unique. */
  record(key: string): Fields;
  /** A change of ours and one of a person, each of a single field. */
  readonly ourChange: Fields;
  readonly personChange: Fields;
  /** Criteria that find the record by other fields than its key, typed in other case and with blanks around. */
  criteria(fields: Fields): Fields;
  /** A key no other record has, in a form the key field takes. */
  newKey(): string;
  /** Text that only the body or path of a create of this object holds, for faults on it. */
  readonly createCall: Omit<FaultRule, 'action'>['match'];
  /** How the object's records can be taken back. */
  readonly takenBackBy: readonly ('delete' | 'deactivate')[];
}

export const passing = { signal: new AbortController().signal, beforeSend: (): void => undefined };

/** A row with an effect id of its own. */
export function rowOf(operation: Operation, fields: Fields, record?: { readonly id: string; readonly stamp?: string | null }): WriteRow {
  return { effectId: randomUUID(), operation, id: record?.id ?? null, fields, stamp: record?.stamp ?? null };
}

export function outcomesOf(outcomes: readonly RowOutcome[]): readonly string[] {
  return outcomes.map((outcome) => (outcome.outcome === 'rejected' ? `rejected ${outcome.kind}` : outcome.outcome));
}

/** The id of an applied row; fails the test for any other outcome. */
export function idOf(outcome: RowOutcome | undefined): string {
  if (outcome?.outcome === 'applied' || outcome?.outcome === 'unchanged') return outcome.id;
  throw new Error(`expected a row that was applied, got ${JSON.stringify(outcome)}`);
}

/** A field that must hold text. */
export function textOf(value: FieldValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new Error(`expected text, got ${JSON.stringify(value)}`);
}

/** The kind of the AdapterError a call rejects with; fails the test for anything else. */
export async function failureOf(call: Promise<unknown>): Promise<AdapterError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AdapterError) return error;
    throw error;
  }
  throw new Error('expected the call to be refused, but it was answered');
}

/** All pages of a change feed. */
export async function changesSince(port: TargetPort, objects: readonly string[], since: string): Promise<readonly TargetChange[]> {
  const changes: TargetChange[] = [];
  for await (const page of port.changesSince(objects, since)) changes.push(...page);
  return changes;
}

/** A bench that the runner has entered. */
export interface Entered {
  readonly bench: TargetBench;
  readonly port: TargetPort;
  readonly session: Session;
  /** Ends the session, the connection and the bench. */
  leave(): Promise<void>;
}

/** Makes a bench and enters it as the runner. */
export async function enter(make: () => Promise<TargetBench>): Promise<Entered> {
  const bench = await make();
  const port = bench.connect('runner');
  const session = await port.open();
  const leave = async (): Promise<void> => {
    await session.close();
    await port.dispose();
    await bench.stop();
  };
  return { bench, port, session, leave };
}

/** What every adapter of a target system must show, against its sandbox and, where one can be started, against the real system. */
export function targetSuite(name: string, make: () => Promise<TargetBench>, samples: TargetSamples): void {
  describe(name, () => {
    let entered: Entered;
    let bench: TargetBench;
    let port: TargetPort;
    let session: Session;
    beforeAll(async () => {
      entered = await enter(make);
      ({ bench, port, session } = entered);
    }, startWithinMs);
    afterAll(() => entered.leave());

    const object = samples.object;
    const create = async (...keys: readonly string[]): Promise<readonly RowOutcome[]> =>
      session.write(
        object,
        keys.map((key) => rowOf('create', samples.record(key))),
        passing,
      );
    const one = async (id: string): Promise<TargetRecord> => {
      const [record] = await port.get(object, [id]);
      if (record === undefined) throw new Error(`record ${id} is not there`);
      return record;
    };
    const made = async (): Promise<TargetRecord> => one(idOf((await create(samples.newKey()))[0]));

    test('refuses a wrong login with kind auth, when probing and when opening a session', async () => {
      const stranger = bench.connect('stranger');
      expect((await failureOf(stranger.probe())).kind).toBe('auth');
      expect((await failureOf(stranger.open())).kind).toBe('auth');
    });

    test('says the same instance on every connection, whatever the way to it, and finds nothing wrong with the runner', async () => {
      const direct = await port.probe();
      const proxied = bench.connect('runner', 'proxy');
      expect((await proxied.probe()).instance).toBe(direct.instance);
      expect(direct.problems).toEqual([]);
      expect(Math.abs(direct.clockSkewMs)).toBeLessThan(3_000);
      await proxied.dispose();
    });

    test('refuses an administrator, and says what to use instead', async () => {
      const administrator = bench.connect('administrator');
      expect((await administrator.probe()).problems.join(' ')).toMatch(/administrator.*dedicated user/i);
      await administrator.dispose();
    });

    test('describes every field the mapping may write, and no field twice', async () => {
      const shape = await port.describe(object);
      const names = shape.map((field) => field.name);
      expect(new Set(names).size).toBe(names.length);
      for (const field of Object.keys(samples.record(samples.newKey()))) expect(names).toContain(field);
      for (const field of shape) expect(field.maxLength === null || field.maxLength > 0).toBe(true);
    });

    test('gives a receipt for each row in order, and reads every field back as it was written', async () => {
      const keys = [samples.newKey(), samples.newKey(), samples.newKey()];
      const outcomes = await create(...keys);
      expect(outcomesOf(outcomes)).toEqual(['applied', 'applied', 'applied']);
      const records = await port.get(object, outcomes.map(idOf));
      expect(records.map((record) => record.id)).toEqual(outcomes.map(idOf));
      for (const [index, record] of records.entries()) expect(record.fields).toMatchObject(samples.record(keys[index] ?? ''));
    });

    test('proves a record its own by who made it and when, and by the marker where the object has one', async () => {
      const before = Date.now();
      const row = rowOf('create', samples.record(samples.newKey()));
      const record = await one(idOf((await session.write(object, [row], passing))[0]));
      expect(record.createdByUs).toBe(true);
      expect(Math.abs(Date.parse(record.createdAt ?? '') - before)).toBeLessThan(10_000);
      if (port.capabilities.objects[object]?.proof === 'marker') expect(record.marker).toBe(row.effectId);
    });

    test('keeps a key unique, or finds all records that share it', async () => {
      const key = samples.newKey();
      const alone = samples.newKey();
      await create(key);
      const again = await create(alone, key);
      const found = await port.findByKey(object, [key, alone]);
      if (port.capabilities.objects[object]?.keyIsUnique === true) {
        expect(outcomesOf(again)).toContain('rejected duplicate');
        expect(found.filter((record) => record.key === key)).toHaveLength(1);
        // An atomic batch leaves nothing of its good rows behind.
        if (port.capabilities.atomicBatch) expect(found.map((record) => record.key)).toEqual([key]);
      } else {
        expect(found.filter((record) => record.key === key)).toHaveLength(2);
      }
    });

    test('leaves absent ids and keys out', async () => {
      const record = await made();
      expect((await port.get(object, [record.id, '999999999'])).map((found) => found.id)).toEqual([record.id]);
      expect(await port.findByKey(object, [samples.newKey()])).toEqual([]);
    });

    test('finds records by other fields whatever their case and blanks, and nothing by an empty one', async () => {
      const record = await made();
      const criteria = samples.criteria(record.fields);
      const empty = [{}, ...Object.keys(criteria).map((name) => ({ ...criteria, [name]: '' }))];
      const [found, ...nothing] = await port.findByFields(object, [criteria, ...empty]);
      expect(found?.map(({ id }) => id)).toContain(record.id);
      expect(nothing).toEqual(empty.map(() => []));
    });

    test('searches for many records in few calls, and tells of each search what it found', async () => {
      const [first, second] = [await made(), await made()] as const;
      const criteria = [first, second].map(({ fields }) => samples.criteria(fields));
      const many = Array.from({ length: 130 }, (_, place) => criteria[place % 2] ?? {});
      const before = (await port.usage()).used;
      const found = await port.findByFields(object, many);
      expect((await port.usage()).used - before).toBeLessThan(10);
      for (const [place, records] of found.entries()) expect(records.map(({ id }) => id)).toContain((place % 2 === 0 ? first : second).id);
      expect(found).toHaveLength(many.length);
    });

    test('counts the records there are', async () => {
      const before = await port.count(object);
      await create(samples.newKey(), samples.newKey());
      expect(await port.count(object)).toBe(before + 2);
    });

    test('reads the system’s own clock, with the error of its resolution, and makes records by that clock', async () => {
      const before = Date.now();
      const { earliestMs, latestMs } = await port.now();
      expect(latestMs - earliestMs).toBeLessThan(1_000);
      expect(earliestMs).toBeLessThanOrEqual(Date.now());
      expect(latestMs).toBeGreaterThanOrEqual(before);
      const record = await made();
      const madeAt = Date.parse(record.createdAt ?? '');
      expect(madeAt + port.capabilities.instantResolutionMs).toBeGreaterThan(earliestMs);
      expect(madeAt).toBeLessThanOrEqual((await port.now()).latestMs);
    });

    test('tells in its change feed what others made and changed since a mark, and nothing that only we touched', async () => {
      const old = await made();
      const since = new Date((await port.now()).earliestMs).toISOString();
      const person = bench.connect('person');
      const theirs = await person.open();
      const ours = await made();
      const created = idOf((await theirs.write(object, [rowOf('create', samples.record(samples.newKey()))], passing))[0]);
      for (const { id } of [old, ours]) await theirs.write(object, [rowOf('update', samples.personChange, { id })], passing);
      const untouched = await made();
      const feed = await changesSince(port, [object], since);
      const told = Object.fromEntries(feed.map((record) => [record.id, record.change]));
      expect(told).toMatchObject({ [created]: 'created', [old.id]: 'changed', [ours.id]: 'changed' });
      expect(Object.keys(told)).not.toContain(untouched.id);
      expect(feed.find(({ id }) => id === created)).toEqual({ ...(await one(created)), object, change: 'created', owner: null });
      const ids = [old.id, ours.id, untouched.id, 'none'];
      expect(new Set(await port.touched(object, ids, since))).toEqual(new Set([old.id, ours.id]));
      const later = new Date((await port.now()).latestMs + 60_000).toISOString();
      expect(await changesSince(port, [object], later)).toEqual([]);
      expect(await port.touched(object, ids, later)).toEqual([]);
      expect(await port.touched(object, [], since)).toEqual([]);
      await theirs.close();
      await person.dispose();
    });

    test('writes only what a row speaks of', async () => {
      const before = await made();
      expect(outcomesOf(await session.write(object, [rowOf('update', samples.ourChange, before)], passing))).toEqual(['applied']);
      expect((await one(before.id)).fields).toEqual({ ...before.fields, ...samples.ourChange });
    });

    test("refuses a write whose stamp is from before a person changed the record, and leaves the person's value", async () => {
      const read = await made();
      const person = bench.connect('person');
      const theirs = await person.open();
      expect(outcomesOf(await theirs.write(object, [rowOf('update', samples.personChange, { id: read.id })], passing))).toEqual([
        'applied',
      ]);
      expect(outcomesOf(await session.write(object, [rowOf('update', samples.ourChange, read)], passing))).toEqual(['rejected conflict']);
      const after = await one(read.id);
      expect(after.fields).toEqual({ ...read.fields, ...samples.personChange });
      expect(outcomesOf(await session.write(object, [rowOf('update', samples.ourChange, after)], passing))).toEqual(['applied']);
      await theirs.close();
      await person.dispose();
    });

    test('reads what another user has just written, whichever process of the system answers', async () => {
      const { id, fields } = await made();
      const person = bench.connect('person');
      const theirs = await person.open();
      const [name = ''] = Object.keys(samples.personChange);
      for (let round = 0; round < 8; round += 1) {
        await Promise.all([one(id), one(id), one(id), one(id)]);
        const value = round % 2 === 0 ? samples.personChange[name]! : fields[name]!;
        await theirs.write(object, [rowOf('update', { [name]: value }, { id })], passing);
        const seen = await Promise.all([one(id), one(id), one(id), one(id)]);
        expect(seen.map((record) => record.fields[name])).toEqual([value, value, value, value]);
      }
      await theirs.close();
      await person.dispose();
    });

    test('refuses a field it does not have, without changing anything', async () => {
      const key = samples.newKey();
      const outcomes = await session.write(object, [rowOf('create', { ...samples.record(key), noSuchField: 'x' })], passing);
      expect(outcomesOf(outcomes)).toEqual(['rejected invalidData']);
      expect(await port.findByKey(object, [key])).toEqual([]);
    });

    test('ends one session and leaves the other one alive; ending it again is fine', async () => {
      const first = await port.open();
      const second = await port.open();
      await bench.connect('runner').endSession(first.handle);
      await port.endSession(first.handle);
      const key = samples.newKey();
      expect((await failureOf(first.write(object, [rowOf('create', samples.record(key))], passing))).kind).toBe('auth');
      expect(await port.findByKey(object, [key])).toEqual([]);
      expect(outcomesOf(await second.write(object, [rowOf('create', samples.record(key))], passing))).toEqual(['applied']);
      await second.close();
    });

    test('sends nothing when the deadline has passed, and lets the reason through', async () => {
      const key = samples.newKey();
      const late = new Error('the deadline has passed');
      const write = session.write(object, [rowOf('create', samples.record(key))], {
        signal: passing.signal,
        beforeSend: () => {
          throw late;
        },
      });
      await expect(write).rejects.toBe(late);
      expect(await port.findByKey(object, [key])).toEqual([]);
    });

    test('leaves a row unknown when the answer is lost, though the system applied it', async () => {
      const proxied = bench.connect('runner', 'proxy');
      const lossy = await proxied.open();
      for (const action of ['loseResponse', 'partial'] as const) {
        const key = samples.newKey();
        await bench.fault({ match: samples.createCall, action, times: 1 });
        expect(outcomesOf(await lossy.write(object, [rowOf('create', samples.record(key))], passing))).toEqual(['unknown']);
        await bench.fault(null);
        expect(await port.findByKey(object, [key])).toHaveLength(1);
      }
      await lossy.close();
      await proxied.dispose();
    });

    test('leaves a row unknown when the way there breaks or a gateway answers, though nothing was applied', async () => {
      const proxied = bench.connect('runner', 'proxy');
      const broken = await proxied.open();
      for (const fault of [{ action: 'reset' }, { action: 'serverError', status: 502 }, { action: 'serverError', status: 503 }] as const) {
        const key = samples.newKey();
        await bench.fault({ match: samples.createCall, times: 1, ...fault });
        expect(outcomesOf(await broken.write(object, [rowOf('create', samples.record(key))], passing))).toEqual(['unknown']);
        await bench.fault(null);
        expect(await port.findByKey(object, [key])).toEqual([]);
      }
      await broken.close();
      await proxied.dispose();
    });

    test('knows that nothing was applied when the system cannot be reached at all', async () => {
      const failure = await failureOf(bench.connect('runner', 'nowhere').open());
      expect([failure.kind, failure.unknownOutcome]).toEqual(['unavailable', false]);
    });

    test('counts its calls', async () => {
      const { used } = await port.usage();
      await port.count(object);
      expect((await port.usage()).used).toBeGreaterThan(used);
    });

    if (samples.takenBackBy.includes('delete')) {
      test('deletes a record once; a second time there is nothing to do', async () => {
        const record = await made();
        expect(outcomesOf(await session.write(object, [rowOf('delete', {}, record)], passing))).toEqual(['applied']);
        expect(await port.get(object, [record.id])).toEqual([]);
        expect(outcomesOf(await session.write(object, [rowOf('delete', {}, record)], passing))).toEqual(['unchanged']);
      });
    }

    if (samples.takenBackBy.includes('deactivate')) {
      test('deactivates and reactivates a record, and finds it by key and fields all the while', async () => {
        const record = await made();
        await session.write(object, [rowOf('deactivate', {}, record)], passing);
        const key = textOf(record.fields[port.capabilities.objects[object]?.keyField ?? '']);
        expect((await port.findByKey(object, [key])).map((found) => [found.id, found.state])).toEqual([[record.id, 'inactive']]);
        const [found] = await port.findByFields(object, [samples.criteria(record.fields)]);
        expect(found?.map(({ id }) => id)).toContain(record.id);
        await session.write(object, [rowOf('reactivate', {}, { id: record.id })], passing);
        expect(await one(record.id)).toMatchObject({ state: 'active', fields: record.fields });
      });
    }
  });
}
