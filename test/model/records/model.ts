import type { Model } from '../explorer.ts';
import { controlSteps } from './control.ts';
import { undoOf } from './ledger.ts';
import { product, type Rules, type World } from './rules.ts';
import { initialState, isLive, keyOf, nameOf, type RecordState } from './state.ts';
import { targetSteps } from './target.ts';
import { workerSteps } from './workers.ts';

const ended = (state: RecordState): boolean => !['loading', 'undoing'].includes(state.wave);

/** The wave has ended, and nothing moves any more. */
function isStill(state: RecordState): boolean {
  return (
    ended(state) &&
    state.workers.every(({ at }) => at === 'idle') &&
    !Object.values(state.undo).includes('intended') &&
    !Object.values(state.creates).includes('hidden') &&
    state.calls.every(({ net }) => net !== 'sent' && net !== 'sentLate')
  );
}

/** The calls whose create of a record is there, those that a rollback had to keep aside. */
function standing(state: RecordState, record: number): readonly number[] {
  return [...state.calls.keys()].filter(
    (call) => isLive(state.creates[nameOf(call, record)]) && undoOf(state, nameOf(call, record)) !== 'kept',
  );
}

const someRecord = (state: RecordState, is: (record: number) => boolean): boolean => [...state.status.keys()].some(is);

function isLost(state: RecordState, record: number): boolean {
  const named = state.crosswalk[record] ?? null;
  const byPerson = named !== null && state.creates[nameOf(named, record)] === 'removedByPerson';
  return standing(state, record).length === 0 && state.exception[record] === false && !byPerson;
}

/** What must hold: the promises of the product, of one wave's records. */
const promises = (isQuiet: (state: RecordState) => boolean): Model<RecordState>['broken'] => ({
  'a record is lost': (state) => isQuiet(state) && state.wave === 'switched' && someRecord(state, (record) => isLost(state, record)),
  'a record of ours is left after a rollback': (state) =>
    isQuiet(state) && state.wave !== 'switched' && someRecord(state, (record) => standing(state, record).length > 0),
  'a record is doubled': (state) => isQuiet(state) && someRecord(state, (record) => standing(state, record).length > 1),
  'a record stands that the crosswalk does not name': (state) =>
    isQuiet(state) &&
    state.wave === 'switched' &&
    someRecord(state, (record) => standing(state, record).some((call) => state.crosswalk[record] !== call)),
  'a late row is forgotten': (state) => isQuiet(state) && state.late.length > 0,
  'a second create was sent while the first could stand': ({ marks }) => marks.includes('doubleInTime'),
  'an intent was committed after a raise': ({ marks }) => marks.includes('intentAfterRaise'),
  'a record appeared after the rollback was done': ({ marks }) => marks.includes('createAfterDone'),
  'the work of a person was removed': ({ marks }) => marks.includes('personsWorkLost'),
  'a wave was switched on a record that is gone': ({ marks }) => marks.includes('switchedBlind'),
});

export const smallWorld: World = { records: 1, calls: 2, holds: 1, persons: 0, sleepers: true, partial: false };

/** A wave's records under the rules of the product, or of a mutant. */
export function recordModel(world: World = smallWorld, changes: Partial<Rules> = {}): Model<RecordState> {
  const rules = { ...product, ...changes };
  const isQuiet = (state: RecordState): boolean => isStill(state) && (!rules.lateHandled || state.late.length === 0);
  return {
    initial: initialState(world.records, world.holds, world.persons),
    key: keyOf,
    next: (state, take) => {
      for (const index of [0, 1]) workerSteps(rules, world, state, index, take);
      targetSteps(rules, world, state, take);
      controlSteps(rules, state, take);
    },
    broken: promises(isQuiet),
    isQuiet,
  };
}
