import { describe, expect, test } from 'vitest';
import type { PlainFields } from '../../../domain/effects/fields.ts';
import { changedByOthers } from '../../../domain/rollback/case.ts';
import { foldImages, type OwnWrite, type RecordNature } from '../../../domain/rollback/images.ts';

const nature: RecordNature = {
  volatile: ['total', 'lines.amount'],
  decimals: ['lines.quantity'],
  halfWay: ['draft'],
  activated: ['confirmed', 'processing'],
};
const seen = (fields: PlainFields, state = 'quotation') => ({ state, fields });
const lines = (quantity: string, amount: string) => [{ product: '1', quantity, amount }];

/** A sale as it is after our create of it, and what we sent then. */
const first = { reference: '7', comment: null, lines: lines('2', '9.00'), total: '9.00' };
const create: OwnWrite = {
  operation: 'create',
  fields: { reference: '7', lines: [{ product: '1', quantity: '2' }] },
  before: null,
  after: seen(first),
};
const second = { ...first, lines: lines('3', '13.50'), total: '13.50' };
const update = (before: PlainFields, after: PlainFields | null): OwnWrite => ({
  operation: 'update',
  fields: { lines: [{ product: '1', quantity: '3' }] },
  before: seen(before),
  after: after === null ? null : seen(after),
});

/** Names in which a record seen now is another's, by these writes. */
const theirs = (writes: readonly OwnWrite[], now: PlainFields, state = 'quotation'): readonly string[] =>
  changedByOthers({ ...nature, halfWayStates: nature.halfWay, after: foldImages(writes, nature).after }, seen(now, state));

describe('our image of a record', () => {
  test('is the record as our only write left it, or what was sent where nobody read it back', () => {
    expect(foldImages([create], nature).after).toEqual({ ...seen(first), whole: true, ours: ['reference', 'lines'] });
    expect(foldImages([{ ...create, after: null }], nature).after).toEqual({
      ...{ state: null, fields: create.fields, whole: false, ours: ['reference', 'lines'] },
    });
    expect(foldImages([], nature)).toEqual({ before: null, after: { state: null, fields: {}, whole: false, ours: [] } });
  });

  test('names nobody where only we wrote, nor for what the system computes or writes in another way', () => {
    expect(theirs([create, update(first, second)], second)).toEqual([]);
    const recomputed = { ...first, total: '9.01', lines: lines('2.0', '9.01') };
    expect(theirs([create, update(recomputed, second)], { ...second, total: '0' })).toEqual([]);
  });

  test('names what somebody changed between two of our writes, as long as it stays so', () => {
    const edited = { comment: 'call first' };
    const writes = [create, update({ ...first, ...edited }, { ...second, ...edited })];
    expect(theirs(writes, { ...second, ...edited })).toEqual(['comment']);
    expect(theirs(writes, second)).toEqual([]);
    const more = [...writes, update({ ...second, ...edited }, { ...second, ...edited })];
    expect(theirs(more, { ...second, ...edited })).toEqual(['comment']);
  });

  test('takes a field back as ours where our write changed it, not where it was sent as somebody had put it', () => {
    const theirLines = { lines: lines('5', '22.50') };
    expect(theirs([create, update({ ...first, ...theirLines }, second)], second)).toEqual([]);
    const asSent = { ...first, lines: lines('3', '13.50') };
    expect(theirs([create, update(asSent, second)], second)).toEqual(['lines']);
  });

  test('knows a field that nobody had before', () => {
    const added = { ...first, note: 'new' };
    expect(theirs([create, update(added, { ...second, note: 'new' })], { ...second, note: 'new' })).toEqual(['note']);
  });

  test('remembers what somebody changed where the write after it was not read back, and goes by what was sent for the rest', () => {
    const edited = { ...first, comment: 'call first' };
    const writes = [create, update(edited, null)];
    expect(theirs(writes, { ...second, comment: 'call first', description: 'unknown' })).toEqual(['comment']);
    expect(theirs(writes, { ...second, reference: '8' })).toEqual(['reference']);
    const third = { ...second, reference: '8' };
    expect(theirs([{ ...create, after: null }, update({ ...first, reference: '8' }, third)], third)).toEqual(['reference']);
  });
});

describe('the state of a record', () => {
  const step = (operation: OwnWrite['operation'], from: string, to: string | null): OwnWrite => ({
    ...{ operation, fields: {}, before: seen(first, from) },
    after: to === null ? null : seen(first, to),
  });

  test('is somebody’s where it changed between two of our writes and ours did not change it', () => {
    expect(theirs([create, step('update', 'cancelled', 'cancelled')], first, 'cancelled')).toEqual(['state']);
    expect(theirs([create, step('update', 'cancelled', null)], first, 'cancelled')).toEqual(['state']);
    expect(theirs([create, step('update', 'cancelled', 'cancelled')], first)).toEqual([]);
  });

  test('is ours where our write changed it, whoever had changed it before, and where our own write or the system passes through it', () => {
    expect(theirs([create, step('update', 'cancelled', 'quotation')], first)).toEqual([]);
    expect(theirs([create, step('update', 'draft', 'quotation')], first)).toEqual([]);
    expect(
      theirs([create, step('activate', 'quotation', 'confirmed'), step('annotate', 'processing', 'processing')], first, 'processing'),
    ).toEqual([]);
  });

  test('is that of the operation where nobody read it back', () => {
    expect(foldImages([create, step('cancel', 'confirmed', null)], nature).after.state).toBe('cancelled');
    expect(foldImages([create, step('activate', 'cancelled', null)], nature).after.state).toBeNull();
  });

  test('where systems say nothing of states, is somebody’s as soon as it is another', () => {
    expect(foldImages([create, step('update', 'draft', 'draft')], {}).after.state).toBe('quotation');
  });
});

describe('the record before us', () => {
  const write = (fields: PlainFields, before: PlainFields, state = 'active'): OwnWrite => ({
    ...{ operation: 'update', fields, before: seen(before, state) },
    after: seen({ ...before, ...fields }, 'active'),
  });
  const before = (...writes: readonly OwnWrite[]): unknown => foldImages(writes, nature).before;

  test('is as our first write found it', () => {
    expect(before(create)).toBeNull();
    expect(before(write({ phone: '2' }, { phone: '1', name: 'A' }), write({ phone: '3' }, { phone: '2', name: 'A' }))).toEqual({
      ...seen({ phone: '1', name: 'A' }, 'active'),
    });
    expect(before(create, write({ phone: '2' }, { phone: '1' }))).toEqual(seen({ phone: '1' }, 'active'));
    expect(before(write({ phone: '2' }, { phone: '1' }), { ...create, before: null })).toEqual(seen({ phone: '1' }, 'active'));
  });

  test('has a field as somebody had set it before we wrote that field', () => {
    const writes = [write({ phone: '2' }, { phone: '1', name: 'A' }), write({ name: 'C' }, { phone: '2', name: 'B' })];
    expect(before(...writes)).toEqual(seen({ phone: '1', name: 'B' }, 'active'));
    expect(before(write({ phone: '2' }, { phone: '1' }), write({ phone: '4' }, { phone: '3' }))).toEqual(seen({ phone: '3' }, 'active'));
  });

  test('has what we wrote as it was before us where somebody then put what we sent next', () => {
    expect(before(write({ phone: '2' }, { phone: '1' }), write({ phone: '3' }, { phone: '3' }))).toEqual(seen({ phone: '1' }, 'active'));
  });

  test('is in the state that somebody had brought it to before we changed that', () => {
    expect(before(write({ phone: '2' }, { phone: '1' }), write({ phone: '3' }, { phone: '2' }, 'inactive'))).toEqual(
      seen({ phone: '1' }, 'inactive'),
    );
  });
});
