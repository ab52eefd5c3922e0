import { describe, expect, test } from 'vitest';
import type { EffectOperation } from '../../../domain/effects/verdict.ts';
import { asWeLeftIt, doubtfulNames, type ReadBack, type RestingNature } from '../../../domain/rollback/read-back.ts';

const sale: RestingNature = {
  volatile: ['total'],
  decimals: ['lines.quantity'],
  halfWay: ['draft'],
  activated: ['confirmed', 'processing'],
  rest: 'quotation',
};
const party: RestingNature = { rest: null };

const create: ReadBack = {
  operation: 'create',
  fields: { reference: '7', comment: null, lines: [{ quantity: '2.0' }] },
  before: null,
  read: {
    state: 'quotation',
    fields: { reference: '7', comment: null, lines: [{ quantity: '2', amount: '9.00' }], number: 'SO1', total: '9.00' },
  },
};
const update: ReadBack = {
  operation: 'update',
  fields: { phone: '030-1' },
  before: { state: 'active', fields: { name: 'Alfreds', phone: '030-0' } },
  read: { state: 'active', fields: { name: 'Alfreds', phone: '030-1' } },
};
const changed = (write: ReadBack, fields: ReadBack['fields'], state = write.read.state): ReadBack => ({
  ...write,
  read: { state, fields: { ...write.read.fields, ...fields } },
});

describe('a record that is read back after a write of ours', () => {
  test('is as we left it where it holds what was sent, whatever the system adds and computes', () => {
    expect(doubtfulNames(create, sale)).toEqual([]);
    expect(doubtfulNames(update, party)).toEqual([]);
    expect(doubtfulNames(changed(create, { total: '0' }), sale)).toEqual([]);
    expect(doubtfulNames({ ...update, fields: { ...update.fields, fax: '030-9' } }, party)).toEqual([]);
  });

  test('is doubtful in what was sent and is not there, and in what an update did not send and found otherwise', () => {
    const [edited, renamed] = [changed(create, { comment: 'call first' }), changed(update, { name: 'Alfreds and Sons' })];
    expect(doubtfulNames(edited, sale)).toEqual(['comment']);
    expect(doubtfulNames(renamed, party)).toEqual(['name']);
    expect(doubtfulNames({ ...renamed, operation: 'deactivate' }, party)).toEqual(['state']);
    expect(asWeLeftIt(edited, ['comment'], sale)).toEqual(create.read);
    expect(asWeLeftIt(renamed, ['name'], party)).toEqual(update.read);
    expect(asWeLeftIt(changed(update, { phone: '030-2' }), ['phone'], party)).toEqual(update.read);
  });

  test('is doubtful in its state where our write leaves another one', () => {
    const states = (write: ReadBack, operation: EffectOperation, found: string, nature = sale): readonly string[] =>
      doubtfulNames({ ...changed(write, {}, found), operation }, nature);
    expect(states(create, 'create', 'confirmed')).toEqual(['state']);
    expect(states(create, 'create', 'draft')).toEqual([]);
    expect(states(update, 'update', 'inactive', party)).toEqual(['state']);
    expect(states(update, 'deactivate', 'inactive', party)).toEqual([]);
    expect(states(create, 'activate', 'processing')).toEqual([]);
    const rest: ReadBack = { ...create, operation: 'update', fields: {}, before: { ...create.read, state: 'draft' } };
    expect(doubtfulNames(rest, sale)).toEqual([]);
    expect(asWeLeftIt(changed(create, {}, 'confirmed'), ['state'], sale)).toEqual(create.read);
    expect(asWeLeftIt({ ...create, operation: 'activate' }, ['state'], sale)).toEqual(create.read);
    expect(
      asWeLeftIt(changed({ ...create, read: { ...create.read, state: 'active' } }, {}, 'inactive'), ['state'], { rest: null }),
    ).toMatchObject({
      state: 'active',
    });
    expect(asWeLeftIt({ ...create, fields: {} }, ['gone'], sale).fields).toMatchObject({ gone: null });
    expect(doubtfulNames(rest, { rest: null })).toEqual(['state']);
  });
});
