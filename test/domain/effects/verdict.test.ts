import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { isPastHorizon, judgeUnknown, type EffectOperation, type UnknownEffect } from '../../../domain/effects/verdict.ts';

const limits = { callTimeoutMs: 10, commitHorizonMs: 20, readLagMs: 5 };
const horizonMs = 100 + 10 + 20 + 5;
const base: UnknownEffect = {
  effect: { operation: 'update', fields: { city: 'Berlin' }, before: { state: 'active', fields: { city: 'Bonn', phone: '1' } } },
  seen: { state: 'active', fields: { city: 'Bonn', phone: '1' } },
  readBeganAtMs: horizonMs + 1,
  calls: [{ intendedAtMs: 100 }],
  limits,
  proof: 'ours',
};
const operation = (name: EffectOperation, endStates?: readonly string[]): UnknownEffect['effect'] => ({
  operation: name,
  fields: {},
  before: { state: 'quotation', fields: {} },
  endStates,
});
const early = { readBeganAtMs: horizonMs };

describe('the horizon', () => {
  test('is passed only by a read that began after it', () => {
    expect(isPastHorizon({ ...base, readBeganAtMs: horizonMs })).toBe(false);
    expect(isPastHorizon(base)).toBe(true);
  });

  test('is that of the youngest open call', () => {
    expect(isPastHorizon({ ...base, calls: [{ intendedAtMs: 100 }, { intendedAtMs: 101 }] })).toBe(false);
  });

  test('does not matter for an effect that was never sent', () => {
    expect(isPastHorizon({ ...base, readBeganAtMs: 0, calls: [] })).toBe(true);
  });
});

describe('a create', () => {
  const create: UnknownEffect = { ...base, effect: { operation: 'create', fields: { code: 'A' }, before: null } };

  test('is applied as soon as a record proved ours is found', () => {
    expect(judgeUnknown({ ...create, ...early })).toBe('applied');
  });

  test('is absent when nothing is found past the horizon', () => {
    expect(judgeUnknown({ ...create, seen: null })).toBe('absent');
    expect(judgeUnknown({ ...create, seen: null, ...early })).toBe('wait');
  });

  test('is ambiguous when what is not found may be there all the same', () => {
    expect(judgeUnknown({ ...create, seen: null, isSought: false })).toBe('ambiguous');
    expect(judgeUnknown({ ...create, seen: null, isSought: false, ...early })).toBe('wait');
  });

  test.each(['notOurs', 'none'] as const)('is ambiguous when what is found is %s', (proof) => {
    expect(judgeUnknown({ ...create, proof })).toBe('ambiguous');
    expect(judgeUnknown({ ...create, proof, ...early })).toBe('wait');
  });
});

describe('an update', () => {
  test('is applied when all that was sent is there', () => {
    expect(judgeUnknown({ ...base, seen: { state: 'active', fields: { city: 'Berlin', phone: '2' } }, ...early })).toBe('applied');
  });

  test('is absent when its fields are as before, whatever else changed', () => {
    expect(judgeUnknown({ ...base, seen: { state: 'active', fields: { city: 'Bonn', phone: '2' } } })).toBe('absent');
    expect(judgeUnknown({ ...base, ...early })).toBe('wait');
  });

  test('is ambiguous when its fields are neither, when the record is gone, or when nobody knows what was before', () => {
    expect(judgeUnknown({ ...base, seen: { state: 'active', fields: { city: 'Köln' } } })).toBe('ambiguous');
    expect(judgeUnknown({ ...base, seen: null })).toBe('ambiguous');
    expect(judgeUnknown({ ...base, effect: { ...base.effect, before: null } })).toBe('ambiguous');
  });

  test('that stopped half-way is sent again', () => {
    const effect = { ...base.effect, halfWayStates: ['draft'] };
    expect(judgeUnknown({ ...base, effect, seen: { state: 'draft', fields: { city: 'Berlin' } } })).toBe('absent');
    expect(judgeUnknown({ ...base, effect, seen: { state: 'quotation', fields: { city: 'Berlin' } } })).toBe('applied');
    expect(judgeUnknown({ ...base, effect, seen: null })).toBe('ambiguous');
  });

  test('ignores fields that the system changes by itself', () => {
    const effect = { ...base.effect, fields: { city: 'Berlin', stamp: 'a' } };
    const seen = { state: 'active', fields: { city: 'Berlin', stamp: 'b' } };
    expect(judgeUnknown({ ...base, effect, seen, volatile: ['stamp'] })).toBe('applied');
  });

  test('of a note is judged like one of any field', () => {
    const effect = { operation: 'annotate' as const, fields: { comment: 'x' }, before: { state: 'processing', fields: { comment: null } } };
    expect(judgeUnknown({ ...base, effect, seen: { state: 'processing', fields: { comment: 'x' } } })).toBe('applied');
    expect(judgeUnknown({ ...base, effect, seen: { state: 'processing', fields: {} } })).toBe('absent');
  });
});

describe('a delete', () => {
  const remove: UnknownEffect = { ...base, effect: operation('delete') };

  test('is applied when the record is gone and absent when it is there past the horizon', () => {
    expect(judgeUnknown({ ...remove, seen: null, ...early })).toBe('applied');
    expect(judgeUnknown(remove)).toBe('absent');
    expect(judgeUnknown({ ...remove, ...early })).toBe('wait');
  });
});

describe('a change of state', () => {
  test.each([
    ['activate', ['processing'], 'processing'],
    ['deactivate', undefined, 'inactive'],
    ['reactivate', undefined, 'active'],
    ['cancel', undefined, 'cancelled'],
  ] as const)('%s is applied in its end state and absent in the state before', (name, endStates, end) => {
    const effect = operation(name, endStates);
    expect(judgeUnknown({ ...base, effect, seen: { state: end, fields: {} }, ...early })).toBe('applied');
    expect(judgeUnknown({ ...base, effect, seen: { state: 'quotation', fields: {} } })).toBe('absent');
    expect(judgeUnknown({ ...base, effect, seen: { state: 'draft', fields: {} } })).toBe('ambiguous');
    expect(judgeUnknown({ ...base, effect, seen: null })).toBe('ambiguous');
  });

  test('is ambiguous in its end state when what was sent along is not there', () => {
    const effect = { ...operation('cancel'), fields: { comment: 'x' } };
    expect(judgeUnknown({ ...base, effect, seen: { state: 'cancelled', fields: {} } })).toBe('ambiguous');
  });

  test('without known end states is never said to be applied', () => {
    expect(judgeUnknown({ ...base, effect: operation('activate'), seen: { state: 'processing', fields: {} } })).toBe('ambiguous');
  });
});

test('absent and ambiguous are never said before the horizon, and to wait never after it', () => {
  const cases = fc.record({
    name: fc.constantFrom<EffectOperation>('create', 'update', 'activate', 'delete', 'deactivate', 'reactivate', 'cancel', 'annotate'),
    seen: fc.option(
      fc.record({
        state: fc.constantFrom('draft', 'quotation', 'inactive'),
        fields: fc.constantFrom({ city: 'Bonn' }, { city: 'Berlin' }, {}),
      }),
    ),
    proof: fc.constantFrom('ours' as const, 'notOurs' as const, 'none' as const),
    readBeganAtMs: fc.integer({ min: 90, max: 200 }),
  });
  fc.assert(
    fc.property(cases, ({ name, ...rest }) => {
      const verdict = judgeUnknown({ ...base, ...rest, effect: { ...base.effect, operation: name } });
      const past = rest.readBeganAtMs > horizonMs;
      expect(past ? verdict : verdict === 'applied' || verdict === 'wait').not.toBe(past ? 'wait' : false);
    }),
  );
});
