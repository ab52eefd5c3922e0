import { expect, test } from '@jest/globals';
import { WaveMovedOn } from '../../../domain/waves/moved-on.ts';

test('says which attempt came too late, and where the wave stands now', () => {
  const error = new WaveMovedOn('pilot', 1, 'switched', { state: 'undoing', attempt: 1 });
  expect(error.message).toBe(
    'attempt 1 of wave pilot can no longer become switched: the wave is in attempt 1, state undoing; nothing was done',
  );
  expect(error.name).toBe('WaveMovedOn');
  expect(new WaveMovedOn('pilot', 1, 'switched', undefined).message).toContain('the wave is not known');
});
