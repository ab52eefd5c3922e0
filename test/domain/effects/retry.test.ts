import { expect, test } from 'vitest';
import { beforeOfRetry } from '../../../domain/effects/retry.ts';

const first = { state: 'quotation', fields: { lines: 'two', comment: null } };
const sent = { lines: 'three' };

test('the record before a call that is made again is as others have left it since', () => {
  const now = { state: 'cancelled', fields: { lines: 'five', comment: 'call first' } };
  expect(beforeOfRetry(first, now, sent, { halfWay: ['draft'] })).toEqual(now);
  expect(beforeOfRetry(first, now, sent, {})).toEqual(now);
});

test('what an earlier call of ours left half-way is nobody’s work: there the record is as it was found first', () => {
  const now = { state: 'draft', fields: { lines: 'three', comment: 'call first' } };
  expect(beforeOfRetry(first, now, sent, { halfWay: ['draft'] })).toEqual({
    state: 'quotation',
    fields: { lines: 'two', comment: 'call first' },
  });
});
