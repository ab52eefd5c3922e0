import { test } from '@jest/globals';
import type { PointName } from '../../contracts/points.ts';
import { useArena } from '../support/arena/scenario.ts';
import { expectLoadedAndUndone, openMortal } from './mortal.ts';

const arena = useArena();

const points: readonly PointName[] = ['afterReceipt', 'afterLane', 'afterFreeze'];

test.each(points)(
  'loses and doubles nothing when a worker is killed at %s, and its successor goes on to the switch gate and back',
  async (point) => {
    await expectLoadedAndUndone(await openMortal(arena, point), 'wayForward');
  },
);
