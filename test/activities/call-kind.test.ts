import { expect, test } from 'vitest';
import { createActivities } from '../../activities/activities.ts';
import { callKind, kindOfActivity } from '../../activities/budget/call-kind.ts';
import { callKinds } from '../../domain/budget/grant.ts';
import { inActivity } from './alone.ts';

const names = Object.keys(createActivities({} as never));

test('of every activity it is said what its calls are for, and nothing is said of one that is gone', () => {
  expect(Object.keys(kindOfActivity).sort()).toEqual([...names].sort());
});

test('the calls of an activity are of its kind, whatever is called beside it; calls outside of every activity are the load', async () => {
  const kinds = await Promise.all(names.map((name) => inActivity(async () => Promise.resolve().then(callKind), 1, name)));
  expect(Object.fromEntries(names.map((name, index) => [name, kinds[index]]))).toEqual(kindOfActivity);
  expect(new Set(kinds)).toEqual(new Set(callKinds));
  expect([callKind(), await inActivity(() => Promise.resolve(callKind()), 1, 'toString')]).toEqual(['load', 'load']);
});
