import { expect, test } from 'vitest';
import { Overtaken, RunMovedOn, WaveMovedOn } from '../../../domain/waves/moved-on.ts';

test('says which attempt came too late, and where the wave stands now', () => {
  const error = new WaveMovedOn('pilot', 1, 'switched', { state: 'undoing', attempt: 1 });
  expect(error.message).toBe(
    'attempt 1 of wave pilot can no longer become switched: the wave is in attempt 1, state undoing; nothing was done',
  );
  expect(error.name).toBe('WaveMovedOn');
  expect(new WaveMovedOn('pilot', 1, 'switched', undefined).message).toContain('the wave is not known');
  expect(new WaveMovedOn('pilot', 1, 'thaw', { state: 'switched', attempt: 2 }).message).toBe(
    'attempt 1 of wave pilot may not be thawed now: the wave is in attempt 2, state switched; nothing was done',
  );
});

test('says what another try of the same work has overtaken, and that it is tried again', () => {
  const error = new Overtaken('pilot', 'freeze');
  expect(error.message).toBe(
    'wave pilot may not be frozen for this try any more: another try of the same work has begun it anew; this one is tried again',
  );
  expect(error.name).toBe('Overtaken');
});

test('says which run came too late, and with what', () => {
  const error = new RunMovedOn('cutover/northwind/1', 'hand its seals over');
  expect(error.message).toBe('the run cutover/northwind/1 may not hand its seals over now: it has moved on; nothing was done');
  expect(error.name).toBe('RunMovedOn');
});
