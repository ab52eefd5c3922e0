import { openStatuses } from '../../../domain/effects/outcome.ts';
import type { Standing } from '../../../domain/gates/stops.ts';
import type { Step } from '../explorer.ts';
import { answer, changeCall, judge, marked, openCalls, search, withAt } from './ledger.ts';
import type { Rules, World } from './rules.ts';
import { idle, nameOf, type RecordState, type Worker } from './state.ts';

type Take = (step: Step<RecordState>) => void;

/** What stands against the wave while it is held. */
export function standingIn({ held }: RecordState): Standing {
  const hold = { number: 1, scope: 'run', source: 'person', person: 'it', role: 'it', reason: 'model', follows: null, at: '' } as const;
  return { holds: held ? [hold] : [], stops: [] };
}

/** Takes every claim's token, so that the set of intents is final. */
export function raised(rules: Rules, state: RecordState): RecordState {
  if (!rules.tokens) return state;
  const [one, two] = state.workers;
  return { ...state, workers: [without(one), without(two)] };
}

function without(worker: Worker): Worker {
  return worker.at === 'idle' ? worker : { ...worker, valid: false };
}

function put(state: RecordState, index: number, worker: Worker): RecordState {
  const [one, two] = state.workers;
  return { ...state, workers: index === 0 ? [worker, two] : [one, worker] };
}

/** Whether another process's live session may still write this call, or did after its deadline, so that no read may call it absent. */
export function mayStillCome(rules: Rules, state: RecordState, call: number, self: number): boolean {
  if (!rules.fence) return false;
  const holds = state.workers.some(
    (worker, index) => index !== self && worker.session && worker.call === call && (worker.at === 'intended' || worker.at === 'checked'),
  );
  if (holds) return true;
  const { net, records } = state.calls[call] ?? { net: 'none', records: [] };
  return rules.horizonFromFence && (net === 'sentLate' || records.some((record) => state.creates[nameOf(call, record)] === 'hidden'));
}

/** What a worker may do next. */
export function workerSteps(rules: Rules, world: World, state: RecordState, index: number, take: Take): void {
  const worker = state.workers[index === 0 ? 0 : 1];
  const name = `worker ${String(index)}`;
  if (worker.at === 'idle') {
    claim(rules, state, index, take);
    return;
  }
  const kind = worker.valid ? 'progress' : 'sleeper';
  const step = (what: string, to: RecordState): void => {
    take({ name: `${name}${worker.valid ? '' : ', its token gone,'} ${what}`, kind, state: to });
  };
  take({ name: `${name} is killed`, kind: 'fault', state: put(state, index, idle) });
  if (rules.fence && worker.session && !worker.valid)
    take({ name: `the session of ${name} is ended`, kind: 'progress', state: put(state, index, { ...worker, session: false }) });
  switch (worker.at) {
    case 'ready': {
      ready(rules, world, state, index, step);
      return;
    }
    case 'intended': {
      const inTime = state.calls[worker.call]?.age === 'young' || !rules.deadline;
      if (inTime) step('checks its deadline: in time', put(state, index, { ...worker, at: 'checked' }));
      else step('checks its deadline: too late', neverSent(rules, state, index));
      return;
    }
    case 'checked': {
      send(rules, world, state, index, step);
      return;
    }
    case 'sent': {
      const { net, records } = state.calls[worker.call] ?? { net: 'none', records: [] };
      const unknown = records.reduce((next, record) => answer(rules, next, worker.call, record, 'unknown', null), state);
      step('gets no answer', put(unknown, index, again(worker)));
      if (net === 'landed' || net === 'rejected') step('gets the answer', put(state, index, { ...worker, at: 'answered' }));
      return;
    }
    case 'answered': {
      const { records } = state.calls[worker.call] ?? { records: [] };
      const written = records.reduce((next, record) => {
        const isMade = state.creates[nameOf(worker.call, record)] !== undefined;
        return answer(rules, next, worker.call, record, isMade ? 'applied' : 'rejected', isMade ? worker.call : null);
      }, state);
      step(`writes the receipt of call ${String(worker.call)}`, put(written, index, again(worker)));
      return;
    }
    case 'read': {
      verdicts(rules, state, index, step);
      return;
    }
  }
}

const again = (worker: Worker): Worker => ({ ...worker, at: 'ready', call: 0, reading: null });

function claim(rules: Rules, state: RecordState, index: number, take: Take): void {
  const judged = rules.judgeClaim({ kind: 'load', attempt: 1, current: 1, state: state.wave, standing: standingIn(state), guarded: true });
  if (judged !== 'claimed' || state.laneEnded) return;
  const fenced = raised(rules, state);
  take({
    name: `worker ${String(index)} claims the lane`,
    kind: 'progress',
    state: put(fenced, index, { ...idle, at: 'ready', valid: true, session: true }),
  });
}

/** A call whose deadline passed before the socket write was never sent, and its receipt says so. */
function neverSent(rules: Rules, state: RecordState, index: number): RecordState {
  const worker = state.workers[index === 0 ? 0 : 1];
  const { records } = state.calls[worker.call] ?? { records: [] };
  const closed = records.reduce((next, record) => answer(rules, next, worker.call, record, 'rejected', null), state);
  return put(closed, index, again(worker));
}

function send(rules: Rules, world: World, state: RecordState, index: number, step: (what: string, to: RecordState) => void): void {
  const worker = state.workers[index === 0 ? 0 : 1];
  const sent = (net: 'sent' | 'sentLate'): RecordState => put(changeCall(state, worker.call, { net }), index, { ...worker, at: 'sent' });
  if (rules.fence && !worker.session) {
    step(
      'is refused: its session was ended',
      put(changeCall(state, worker.call, { net: 'rejected' }), index, { ...worker, at: 'answered' }),
    );
    return;
  }
  if (state.calls[worker.call]?.age === 'young') {
    step(`sends call ${String(worker.call)}`, sent('sent'));
    return;
  }
  if (world.sleepers || !rules.deadline) {
    step(`wakes and sends call ${String(worker.call)} after its deadline`, marked(sent('sentLate'), 'sentLate'));
    return;
  }
  step('finds its deadline passed', neverSent(rules, state, index));
}

function ready(rules: Rules, world: World, state: RecordState, index: number, step: (what: string, to: RecordState) => void): void {
  const worker = state.workers[index === 0 ? 0 : 1];
  const fenced = (): void => {
    step('is fenced', put(state, index, idle));
  };
  const due = state.status.flatMap((status, record) =>
    (state.crosswalk[record] ?? null) === null && state.exception[record] === false && rules.mayCall(status) ? [record] : [],
  );
  const isOpen = state.status.some((status) => openStatuses.includes(status));
  const mayWrite = rules.mayWrite(state.wave, 'load');
  if (due.length > 0 && !worker.valid) {
    fenced();
    return;
  }
  if (due.length > 0 && state.calls.length < world.calls) {
    const call = { records: due, age: 'young', net: 'none', open: due } as const;
    const status = state.status.map((before, record) => (due.includes(record) ? 'intended' : before));
    const intended = put({ ...state, status, calls: [...state.calls, call] }, index, {
      ...worker,
      at: 'intended',
      call: state.calls.length,
    });
    const isLateIntent = !mayWrite || state.held;
    step(`commits the intent of call ${String(state.calls.length)}`, isLateIntent ? marked(intended, 'intentAfterRaise') : intended);
  } else if (due.length > 0) {
    step('gives up on records', { ...state, exception: state.exception.map((is, record) => is || due.includes(record)) });
  }
  if (isOpen && mayWrite) {
    const past = pastFor(rules, state, index);
    step('searches by key', put(state, index, { ...worker, at: 'read', reading: { shown: search(state), open: openCalls(state), past } }));
  }
  if (due.length === 0 && !isOpen) {
    if (!worker.valid) {
      fenced();
      return;
    }
    step('ends the lane', put(raised(rules, { ...state, laneEnded: true }), index, idle));
  }
  if (!worker.valid && due.length === 0 && isOpen && !mayWrite) fenced();
}

/** The calls that a read which begins now may call absent. */
export function pastFor(rules: Rules, state: RecordState, self: number): readonly number[] {
  const isFree = (call: number): boolean => !rules.absentWaitsForFence || !mayStillCome(rules, state, call, self);
  return state.calls.flatMap(({ age }, call) => (age === 'past' && isFree(call) ? [call] : []));
}

function verdicts(rules: Rules, state: RecordState, index: number, step: (what: string, to: RecordState) => void): void {
  const worker = state.workers[index === 0 ? 0 : 1];
  const { shown, open, past } = worker.reading ?? { shown: [], open: [], past: [] };
  const counted = rules.readBegan ? past : pastFor(rules, state, index);
  let judged = state;
  if (rules.mayWrite(state.wave, 'load'))
    for (const record of state.status.keys())
      judged = judge(rules, judged, record, shown, rules.boundToCall ? open : openCalls(judged), counted);
  step('writes its verdicts', put(judged, index, again(worker)));
}

/** A list of the records whose entry in the crosswalk is gone from the target; they become exceptions. */
export function withException(state: RecordState, record: number): RecordState {
  return { ...state, exception: withAt(state.exception, record, true) };
}
