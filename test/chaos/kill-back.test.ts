import { test } from '@jest/globals';
import type { PointName } from '../../contracts/points.ts';
import { useArena } from '../support/arena/scenario.ts';
import { expectLoadedAndUndone, openMortal } from './mortal.ts';

const arena = useArena();

const points: readonly PointName[] = ['afterRaise', 'duringUndo', 'beforeThaw'];

test.each(points)('finishes a rollback whose worker is killed at %s, to exactly the records before', async (point) => {
  await expectLoadedAndUndone(await openMortal(arena, point), 'wayBack');
});
