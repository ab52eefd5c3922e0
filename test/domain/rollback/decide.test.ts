import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { UndoCase } from '../../../domain/rollback/case.ts';
import { decideUndo, takenMilder } from '../../../domain/rollback/decide.ts';

const seen = { state: 'quotation', fields: { reference: '11075', comment: null, lines: [{ product: '1', quantity: '2' }] } };
const created: UndoCase = {
  origin: 'created',
  seen,
  before: null,
  after: { ...seen, whole: true, ours: ['reference', 'lines'] },
  undoKinds: { draft: 'delete', quotation: 'delete', cancelled: 'delete', '*': 'impossible' },
  allowedMilder: [],
  inUse: false,
};
const matched: UndoCase = {
  ...created,
  origin: 'matched',
  seen: { state: 'active', fields: { phone: '2', name: 'B' } },
  before: { state: 'active', fields: { phone: '1', name: 'B' } },
  after: { state: 'active', fields: { phone: '2', name: 'B' }, whole: true },
  undoKinds: { '*': 'restore' },
};

describe('any record', () => {
  test('that somebody removed is done; one that was there before us is looked at', () => {
    expect(decideUndo({ ...created, seen: null })).toMatchObject({ act: 'none', end: 'undone', exception: false });
    expect(decideUndo({ ...matched, seen: null })).toMatchObject({ act: 'none', end: 'undone', exception: true });
  });

  test('that another live wave uses is kept without an exception', () => {
    expect(decideUndo({ ...created, inUse: true })).toMatchObject({ act: 'none', end: 'kept', exception: false });
  });
});

describe('a record we created', () => {
  test('is removed as its state allows while it is as we left it', () => {
    expect(decideUndo(created)).toMatchObject({ act: 'delete', end: 'undone', exception: false, theirs: [] });
    expect(decideUndo({ ...created, undoKinds: { '*': 'cancel' } })).toMatchObject({ act: 'cancel', end: 'undone' });
  });

  test('stays when somebody changed what we wrote', () => {
    const edited = { ...seen, fields: { ...seen.fields, lines: [] } };
    expect(decideUndo({ ...created, seen: edited })).toMatchObject({ act: 'none', end: 'kept', exception: true, theirs: ['lines'] });
  });

  test('stays when somebody brought it to another state', () => {
    expect(decideUndo({ ...created, seen: { ...seen, state: 'cancelled' } })).toMatchObject({
      act: 'none',
      end: 'kept',
      theirs: ['state'],
    });
  });

  test('stays where we had taken it out of use, and somebody brought it back', () => {
    for (const undoKinds of [{ '*': 'deactivate' }, { '*': 'impossible' }] as const) {
      const decision = decideUndo({ ...created, undoKinds, broughtBack: true });
      expect(decision).toMatchObject({ act: 'none', end: 'kept', exception: true });
      expect(decision.reason).toContain('somebody brought it back');
    }
  });

  test('goes from a state that our own undo passes through', () => {
    expect(decideUndo({ ...created, seen: { ...seen, state: 'draft' }, halfWayStates: ['draft'] })).toMatchObject({
      act: 'delete',
      end: 'undone',
    });
  });

  test('goes a milder way when somebody added to it, or stays where the plan allows none', () => {
    const more = { ...created, seen: { ...seen, fields: { ...seen.fields, comment: 'call first' } } };
    expect(decideUndo({ ...more, allowedMilder: ['cancel'] })).toMatchObject({
      act: 'cancel',
      end: 'kept',
      exception: true,
      theirs: ['comment'],
    });
    expect(decideUndo(more)).toMatchObject({ act: 'none', end: 'kept', exception: true, theirs: ['comment'] });
  });

  test('goes a milder way when somebody worked on what is not read of it, and needs no milder one than that', () => {
    const touched: UndoCase = { ...created, touched: true };
    const decision = decideUndo({ ...touched, allowedMilder: ['cancel'] });
    expect(decision).toMatchObject({ act: 'cancel', end: 'kept', exception: true, theirs: [] });
    expect(decision.reason).toContain('somebody worked on it');
    expect(decideUndo(touched)).toMatchObject({ act: 'none', end: 'kept', exception: true });
    expect(decideUndo({ ...touched, undoKinds: { '*': 'cancel' } })).toMatchObject({ act: 'cancel', end: 'undone', exception: false });
  });

  test('that an earlier try took out of use in a milder way is told as kept', () => {
    expect(takenMilder(decideUndo(created), 'deactivate')).toMatchObject({ act: 'deactivate', end: 'kept', exception: true, theirs: [] });
  });

  test('that was not read back goes by what was sent', () => {
    const sent = { ...created, after: { state: null, fields: { reference: '11075' }, whole: false } };
    expect(decideUndo(sent)).toMatchObject({ act: 'delete', end: 'undone' });
    expect(decideUndo({ ...sent, after: { ...sent.after, fields: { reference: '1' } } })).toMatchObject({
      act: 'none',
      theirs: ['reference'],
    });
  });

  test('goes the next milder way when the system refuses, and says so in its words', () => {
    const refused = { kind: 'delete', message: 'the party has sales' } as const;
    const decision = decideUndo({ ...created, refused, allowedMilder: ['deactivate'] });
    expect(decision).toMatchObject({ act: 'deactivate', end: 'kept', exception: true });
    expect(decision.reason).toContain('the system refused to delete it (the party has sales)');
    expect(decideUndo({ ...created, refused })).toMatchObject({ act: 'none', end: 'kept', exception: true });
  });

  test('is not taken out of use twice', () => {
    const inactive = { state: 'inactive', fields: {} };
    const idle: UndoCase = { ...created, seen: inactive, after: { ...inactive, whole: true }, undoKinds: { '*': 'deactivate' } };
    expect(decideUndo(idle)).toMatchObject({ act: 'none', end: 'undone', reason: 'It is already inactive.' });
    const refused = { kind: 'delete', message: 'no' } as const;
    expect(decideUndo({ ...idle, refused, allowedMilder: ['deactivate'] })).toMatchObject({ act: 'none', end: 'kept' });
  });

  test('is irreversible in a state we brought it to and nobody can leave', () => {
    const confirmed = { ...seen, state: 'processing' };
    expect(decideUndo({ ...created, seen: confirmed, after: { ...created.after, state: 'processing' } })).toMatchObject({
      act: 'none',
      end: 'irreversible',
      exception: false,
    });
    expect(decideUndo({ ...created, seen: confirmed })).toMatchObject({ act: 'none', end: 'kept', exception: true, theirs: ['state'] });
  });

  test('stays where the system can only restore, whatever was refused', () => {
    expect(decideUndo({ ...created, undoKinds: { '*': 'restore' } })).toMatchObject({ act: 'none', end: 'kept', exception: true });
    expect(decideUndo({ ...created, refused: { kind: 'restore', message: 'no' } })).toMatchObject({ act: 'delete' });
  });
});

describe('a record that was there before us', () => {
  test('gets back exactly the fields we changed', () => {
    expect(decideUndo(matched)).toMatchObject({ act: 'restore', end: 'undone', fields: { phone: '1' }, state: null, exception: false });
  });

  test('keeps what somebody wrote into other fields', () => {
    const elsewhere = { state: 'active', fields: { phone: '2', name: 'C' } };
    expect(decideUndo({ ...matched, seen: elsewhere })).toMatchObject({ act: 'restore', fields: { phone: '1' } });
  });

  test('is left alone when somebody changed our field', () => {
    const edited = { state: 'active', fields: { phone: '3', name: 'B' } };
    expect(decideUndo({ ...matched, seen: edited })).toMatchObject({ act: 'none', end: 'kept', exception: true, theirs: ['phone'] });
  });

  test('gets back no field that changed without us before we read it back', () => {
    const renamed = { state: 'active', fields: { phone: '2', name: 'C' } };
    const undo: UndoCase = { ...matched, seen: renamed, after: { ...renamed, whole: true, ours: ['phone'] } };
    expect(decideUndo(undo)).toMatchObject({ act: 'restore', fields: { phone: '1' } });
    expect(decideUndo(undo).fields).not.toHaveProperty('name');
  });

  test('needs nothing when it is as before already', () => {
    expect(decideUndo({ ...matched, seen: matched.before })).toMatchObject({ act: 'none', end: 'undone', exception: false });
  });

  test('gets its state back where we changed that', () => {
    const off = { state: 'inactive', fields: {} };
    const undo: UndoCase = { ...matched, seen: off, before: { state: 'active', fields: {} }, after: { ...off, whole: true } };
    expect(decideUndo(undo)).toMatchObject({ act: 'restore', fields: {}, state: 'active' });
    expect(decideUndo({ ...undo, seen: { state: 'archived', fields: {} } })).toMatchObject({ act: 'none', end: 'kept', theirs: ['state'] });
    expect(decideUndo({ ...undo, seen: { state: 'active', fields: {} } })).toMatchObject({ act: 'none', end: 'undone' });
  });

  test('is irreversible in a state nobody can change, and an exception if somebody was there too', () => {
    const fixed: UndoCase = { ...matched, undoKinds: { '*': 'impossible' } };
    expect(decideUndo(fixed)).toMatchObject({ act: 'none', end: 'irreversible', exception: false });
    expect(decideUndo({ ...fixed, seen: { state: 'active', fields: { phone: '3' } } })).toMatchObject({
      end: 'irreversible',
      exception: true,
    });
  });

  test('stays as it is when the system refuses', () => {
    const decision = decideUndo({ ...matched, refused: { kind: 'restore', message: 'the period is closed' } });
    expect(decision).toMatchObject({ act: 'none', end: 'kept', exception: true });
    expect(decision.reason).toContain('the period is closed');
  });

  test('is told to be without our values where they went back, whether or not its state can follow', () => {
    const drafted: UndoCase = { ...matched, before: { state: 'draft', fields: { phone: '1', name: 'B' } } };
    const back = { state: 'active', fields: { phone: '1', name: 'B' } };
    const refused = { kind: 'restore', message: 'no' } as const;
    expect(decideUndo(drafted)).toMatchObject({ act: 'restore', restored: true });
    expect(decideUndo({ ...drafted, refused })).toMatchObject({ end: 'kept', restored: false });
    expect(decideUndo({ ...drafted, seen: back, refused })).toMatchObject({ end: 'kept', restored: true });
    expect(decideUndo({ ...drafted, seen: { ...back, state: 'gone' } })).toMatchObject({ theirs: ['state'], restored: true });
    expect(decideUndo({ ...drafted, seen: back, undoKinds: { '*': 'impossible' } })).toMatchObject({ end: 'irreversible', restored: true });
    expect(decideUndo({ ...matched, seen: { state: 'active', fields: { phone: '3' } } })).toMatchObject({ end: 'kept', restored: false });
  });

  test('is not touched where we changed nothing', () => {
    expect(decideUndo({ ...matched, before: null })).toMatchObject({ act: 'none', end: 'undone' });
    expect(decideUndo({ ...matched, before: null, origin: 'adopted' })).toMatchObject({ act: 'none', end: 'kept' });
  });
});

const images = fc.record({
  state: fc.constantFrom('draft', 'quotation', 'processing', 'active', 'inactive'),
  fields: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2', '3'), { noNullPrototype: true }),
});
const kinds = fc.constantFrom('delete' as const, 'deactivate' as const, 'cancel' as const, 'restore' as const, 'impossible' as const);
const cases: fc.Arbitrary<UndoCase> = fc.record({
  origin: fc.constantFrom('created' as const, 'matched' as const, 'adopted' as const),
  seen: fc.option(images),
  before: fc.option(images),
  after: images.chain((image) => fc.boolean().map((whole) => ({ ...image, whole }))),
  undoKinds: fc.dictionary(fc.constantFrom('*', 'draft', 'active'), kinds, { noNullPrototype: true }),
  allowedMilder: fc.subarray(['deactivate', 'cancel'] as const),
  inUse: fc.boolean(),
});

test('an undo of several writes that died between them goes on where it stood, and what is back already is nobody’s change', () => {
  const before = { state: 'active', fields: { phone: '1', name: 'B' } };
  const left = { ...matched, before, after: { state: 'inactive', fields: { phone: '2', name: 'B' }, whole: true } };
  expect(decideUndo({ ...left, seen: { state: 'inactive', fields: { phone: '1', name: 'B' } } })).toMatchObject({
    ...{ act: 'restore', end: 'undone', theirs: [], fields: {}, state: 'active' },
  });
  expect(decideUndo({ ...left, seen: { state: 'active', fields: { phone: '2', name: 'B' } } })).toMatchObject({
    ...{ act: 'restore', end: 'undone', theirs: [], fields: { phone: '1' }, state: null },
  });
  expect(decideUndo({ ...left, seen: before })).toMatchObject({ act: 'none', end: 'undone', theirs: [] });
});

test('only what we created is ever removed, and only restored values are written', () => {
  fc.assert(
    fc.property(cases, (undo) => {
      const { act, fields, end } = decideUndo(undo);
      if (undo.origin !== 'created') expect(['restore', 'none']).toContain(act);
      if (act === 'restore') {
        for (const [name, value] of Object.entries(fields)) expect(value).toBe(undo.before?.fields[name] ?? null);
        expect(end).toBe('undone');
      }
    }),
  );
});

test('a value that somebody else wrote is never overwritten and never lost', () => {
  fc.assert(
    fc.property(cases, (undo) => {
      const { act, fields } = decideUndo(undo);
      const written = act === 'delete' ? Object.keys(undo.after.fields) : Object.keys(fields);
      for (const name of written) expect(undo.seen?.fields[name] ?? null).toBe(undo.after.fields[name] ?? null);
    }),
  );
});

test('a record that was there before us keeps the state that somebody gave it after we had brought back the one before', () => {
  const rested = { ...matched, before: { state: 'inactive', fields: { phone: '1', name: 'B' } } };
  const seenNow = { state: 'active', fields: { phone: '1', name: 'B' } };
  expect(decideUndo({ ...rested, seen: seenNow })).toMatchObject({ act: 'restore', state: 'inactive' });
  expect(decideUndo({ ...rested, seen: seenNow, broughtBack: true })).toMatchObject({
    ...{ act: 'none', end: 'kept', exception: true, restored: true },
    reason: 'Kept: we had brought its state back, and somebody changed it since.',
  });
});
