import type { Step } from '../explorer.ts';
import { answer, beginUndo, callOf, judge, marked, openCalls, recordOf, search, undoOf, withAt } from './ledger.ts';
import type { Rules } from './rules.ts';
import { isLive, nameOf, type RecordState } from './state.ts';
import { mayStillCome, raised, withException } from './workers.ts';

type Take = (step: Step<RecordState>) => void;

/** What holds, rollback, the sweep, the switch and the late rows may do next. */
export function controlSteps(rules: Rules, state: RecordState, take: Take): void {
  if (state.wave === 'loading' && !state.held && state.holdsLeft > 0)
    take({ name: 'a hold commits', kind: 'fault', state: raised(rules, { ...state, held: true, holdsLeft: state.holdsLeft - 1 }) });
  if (state.held) take({ name: 'the run is resumed', kind: 'progress', state: { ...state, held: false } });
  if ((state.wave === 'loading' || state.wave === 'switched') && rules.mayMove(state.wave, 'undoing'))
    take({
      name: 'a rollback commits its raise',
      kind: 'fault',
      state: raised(rules, { ...state, wave: 'undoing', held: false, sweeping: null, rollback: 'raised' }),
    });
  if (rules.lateHandled || state.wave === 'loading') for (const name of state.late) take(lateRow(rules, state, name));
  sweepSteps(rules, state, take);
  switchSteps(rules, state, take);
  if (state.wave === 'undoing') rollbackSteps(rules, state, take);
}

/** A late row confirms, is adopted where nothing stands for the record, or is taken back. */
function lateRow(rules: Rules, state: RecordState, name: string): Step<RecordState> {
  const settled = { ...state, late: state.late.filter((other) => other !== name) };
  const [call, record] = [callOf(name), recordOf(name)];
  const isKnown = state.crosswalk[record] === call || undoOf(state, name) !== 'none';
  const step = (to: RecordState): Step<RecordState> => ({ name: `the late row of ${name} is settled`, kind: 'progress', state: to });
  if (state.wave !== 'loading' && state.wave !== 'switched') return step(beginUndo(rules, settled, name));
  if (isKnown && rules.lateConfirms) return step(settled);
  if ((state.crosswalk[record] ?? null) === null && isLive(state.creates[name]))
    return step({ ...settled, crosswalk: withAt(settled.crosswalk, record, call) });
  return step(beginUndo(rules, settled, name));
}

/** Whether these calls, or by the rule every call, can no longer come. */
function isSettled(rules: Rules, state: RecordState, calls: readonly number[]): boolean {
  const awaited = rules.waitsForEvery ? [...state.calls.keys()] : calls;
  return awaited.every((call) => state.calls[call]?.age === 'past' && !mayStillCome(rules, state, call, -1));
}

/** The sweep at the end of the lane: what it shows is dealt with in one transaction, on the crosswalk as it is then. */
function sweepSteps(rules: Rules, state: RecordState, take: Take): void {
  const isReady = state.laneEnded && !state.held && openCalls(state).length === 0 && !state.swept;
  const may = state.wave === 'loading' && isReady && isSettled(rules, state, []);
  if (state.sweeping === null) {
    if (may) take({ name: 'the sweep searches by key', kind: 'progress', state: { ...state, sweeping: search(state) } });
    return;
  }
  take({ name: 'the sweep is killed', kind: 'fault', state: { ...state, sweeping: null } });
  let swept: RecordState = { ...state, sweeping: null, swept: true };
  for (const record of state.status.keys()) swept = sweepRecord(rules, swept, record, state.sweeping);
  take({ name: 'the sweep ends', kind: 'progress', state: swept });
}

function sweepRecord(rules: Rules, state: RecordState, record: number, shown: readonly string[]): RecordState {
  const mine = shown.filter((name) => recordOf(name) === record && undoOf(state, name) === 'none');
  if (mine.length === 0 || (mine.length === 1 && !rules.sweepsEvery)) return state;
  const named = state.crosswalk[record] ?? null;
  const isThere = named !== null && isLive(state.creates[nameOf(named, record)]);
  const kept = isThere ? nameOf(named, record) : (mine[0] ?? '');
  const exception = named !== null && !isThere ? withException(state, record) : state;
  const pointing = { ...exception, crosswalk: withAt(exception.crosswalk, record, callOf(kept)) };
  return mine.filter((name) => name !== kept).reduce((next, name) => beginUndo(rules, next, name), pointing);
}

function switchSteps(rules: Rules, state: RecordState, take: Take): void {
  const isBusy = openCalls(state).length > 0 || Object.values(state.undo).includes('intended') || state.late.length > 0;
  if (state.wave !== 'loading' || !state.laneEnded || !state.swept || state.held || isBusy) return;
  const gone = [...state.status.keys()].filter((record) => {
    const named = state.crosswalk[record] ?? null;
    return state.exception[record] === false && (named === null || !isLive(state.creates[nameOf(named, record)]));
  });
  const [first] = gone;
  if (first !== undefined && rules.readsBeforeSwitch) {
    take({ name: `reading by id finds record ${String(first)} gone`, kind: 'progress', state: withException(state, first) });
    return;
  }
  const ways = [
    ['loading', 'shadow'],
    ['shadow', 'frozen'],
    ['frozen', 'switching'],
    ['switching', 'switched'],
  ] as const;
  if (!ways.every(([from, to]) => rules.mayMove(from, to))) return;
  const switched: RecordState = { ...state, wave: 'switched' };
  take({ name: 'the wave is switched', kind: 'progress', state: gone.length > 0 ? marked(switched, 'switchedBlind') : switched });
}

/** Raised; then every parked call is resolved past its horizon; search; undo; search again; done. */
function rollbackSteps(rules: Rules, state: RecordState, take: Take): void {
  if (state.rollback !== 'raised')
    take({ name: 'the rollback is killed', kind: 'fault', state: { ...state, rollback: 'raised', found: [] } });
  switch (state.rollback) {
    case 'raised': {
      if (isSettled(rules, state, openCalls(state)))
        take({ name: 'the rollback is past the horizon of what it waits for', kind: 'progress', state: { ...state, rollback: 'waited' } });
      return;
    }
    case 'waited': {
      take({
        name: 'the rollback searches by key',
        kind: 'progress',
        state: { ...state, rollback: 'searched', found: search(state) },
      });
      return;
    }
    case 'searched': {
      take({ name: 'the rollback resolves and begins to undo', kind: 'progress', state: undoing(rules, state) });
      return;
    }
    case 'undoing': {
      finish(rules, state, take);
      return;
    }
    case 'idle':
  }
}

function undoing(rules: Rules, state: RecordState): RecordState {
  let next: RecordState = { ...state, rollback: 'undoing', found: [] };
  for (const record of state.status.keys()) {
    next = judge(rules, next, record, state.found, openCalls(next), openCalls(next));
    for (const call of openCalls(next)) next = answer(rules, next, call, record, 'absent', null);
    const named = next.crosswalk[record] ?? null;
    if (named !== null) next = beginUndo(rules, next, nameOf(named, record));
  }
  const found = rules.rollbackSearches ? state.found : [];
  return found.reduce((before, name) => beginUndo(rules, before, name), next);
}

function finish(rules: Rules, state: RecordState, take: Take): void {
  if (openCalls(state).length > 0 || state.late.length > 0 || Object.values(state.undo).includes('intended')) return;
  const left = search(state).filter((name) => undoOf(state, name) !== 'kept');
  if (rules.searchBeforeDone && left.length > 0) {
    take({ name: 'the last search finds more', kind: 'progress', state: { ...state, rollback: 'waited' } });
    return;
  }
  const end = Object.values(state.undo).includes('kept') ? 'rolledBackWithExceptions' : 'rolledBack';
  if (rules.mayMove(state.wave, end))
    take({ name: `the wave is ${end}`, kind: 'progress', state: { ...state, wave: end, rollback: 'idle' } });
}
