import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  applyReceipt,
  applyUndo,
  applyVerdict,
  effectStatuses,
  isOpen,
  mayCallAgain,
  type EffectStatus,
} from '../../../domain/effects/outcome.ts';

const open = { status: 'intended', callOpen: true, otherTarget: false, waveMovedOn: false } as const;
const statuses = fc.constantFrom(...effectStatuses);

describe('receipts', () => {
  test.each(['applied', 'unchanged', 'rejected', 'unknown'] as const)('%s is the status of an open call', (receipt) => {
    expect(applyReceipt(open, receipt)).toBe(receipt);
    expect(applyReceipt({ ...open, status: 'unknown' }, receipt)).toBe(receipt);
  });

  test.each([{ callOpen: false }, { otherTarget: true }, { waveMovedOn: true }, { status: 'absent' as const }])(
    'a write is late where %j',
    (change) => {
      expect(applyReceipt({ ...open, ...change }, 'applied')).toBe('late');
    },
  );

  test('a refusal of a closed call changes nothing', () => {
    expect(applyReceipt({ ...open, status: 'applied', callOpen: false }, 'rejected')).toBe('applied');
  });

  test('a refusal counts although the wave moved on: nothing was written', () => {
    expect(applyReceipt({ ...open, waveMovedOn: true }, 'rejected')).toBe('rejected');
  });

  test('no write is ever passed over: a receipt applied is either the status or late', () => {
    const contexts = fc.record({ status: statuses, callOpen: fc.boolean(), otherTarget: fc.boolean(), waveMovedOn: fc.boolean() });
    fc.assert(fc.property(contexts, (context) => ['applied', 'late'].includes(applyReceipt(context, 'applied'))));
  });
});

describe('verdicts', () => {
  test('count only while their call is open', () => {
    expect(applyVerdict({ status: 'unknown', callOpen: true }, 'absent')).toBe('absent');
    expect(applyVerdict({ status: 'intended', callOpen: true }, 'applied')).toBe('applied');
    expect(applyVerdict({ status: 'unknown', callOpen: false }, 'absent')).toBe('unknown');
    expect(applyVerdict({ status: 'applied', callOpen: true }, 'absent')).toBe('applied');
  });

  test('to wait changes nothing', () => {
    fc.assert(fc.property(statuses, fc.boolean(), (status, callOpen) => applyVerdict({ status, callOpen }, 'wait') === status));
  });
});

describe('taking back', () => {
  test('ends what was applied, and once more what was kept', () => {
    expect(applyUndo('applied', 'kept')).toBe('kept');
    expect(applyUndo('kept', 'undone')).toBe('undone');
  });

  test('leaves everything else as it is', () => {
    const rest = effectStatuses.filter((status) => status !== 'applied' && status !== 'kept');
    expect(rest.map((status) => applyUndo(status, 'undone'))).toEqual(rest);
  });
});

test('only what is intended or unknown is open', () => {
  expect(effectStatuses.filter(isOpen)).toEqual(['intended', 'unknown']);
});

test('another call is made only after every earlier one wrote nothing', () => {
  const writing = new Set<EffectStatus>(effectStatuses.filter((status) => status !== 'rejected' && status !== 'absent'));
  expect(mayCallAgain([])).toBe(true);
  fc.assert(fc.property(fc.array(statuses), (calls) => mayCallAgain(calls) === !calls.some((status) => writing.has(status))));
});
