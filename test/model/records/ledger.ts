import { openStatuses, type Receipt, type Verdict } from '../../../domain/effects/outcome.ts';
import type { SeenRecord } from '../../../domain/effects/verdict.ts';
import { isLive, isSeen, nameOf, type Call, type Mark, type RecordState, type Undo } from './state.ts';
import type { Rules } from './rules.ts';

/** A list with one entry replaced. */
export function withAt<T>(list: readonly T[], at: number, value: T): readonly T[] {
  return list.map((entry, index) => (index === at ? value : entry));
}

export function marked(state: RecordState, mark: Mark): RecordState {
  return state.marks.includes(mark) ? state : { ...state, marks: [...state.marks, mark] };
}

export function changeCall(state: RecordState, call: number, change: Partial<Call>): RecordState {
  const before = state.calls[call];
  return before === undefined ? state : { ...state, calls: withAt(state.calls, call, { ...before, ...change }) };
}

/** The creates that a search by key shows now. */
export function search({ creates }: RecordState): readonly string[] {
  return Object.keys(creates)
    .filter((name) => isSeen(creates[name]))
    .sort();
}

export function openCalls({ calls }: RecordState): readonly number[] {
  return calls.flatMap(({ open }, call) => (open.length > 0 ? [call] : []));
}

/** Where a receipt or verdict on one record of one call is written down: by the product's own rule. `made`: the call whose record it names. */
export function answer(
  rules: Rules,
  state: RecordState,
  call: number,
  record: number,
  says: Receipt | Exclude<Verdict, 'wait'>,
  made: number | null,
): RecordState {
  const about = rules.boundToCall ? call : (state.calls.findIndex(({ open }) => open.includes(record)) + 1 || call + 1) - 1;
  const { open = [] } = state.calls[about] ?? {};
  const named = state.crosswalk[record] ?? null;
  const settled = rules.settle(
    {
      status: state.status[record] ?? 'absent',
      callOpen: open.includes(record),
      inTime: rules.mayWrite(state.wave, 'load'),
      otherTarget: made !== null && named !== null && named !== made,
      otherOwner: false,
    },
    says,
  );
  let next: RecordState = { ...state, status: withAt(state.status, record, settled.status) };
  if (settled.closesCall) next = changeCall(next, about, { open: open.filter((other) => other !== record) });
  if (made === null || settled.crosswalk === 'stays') return next;
  if (settled.crosswalk === 'follows') return { ...next, crosswalk: withAt(next.crosswalk, record, made) };
  return lateRow(rules, next, made, record);
}

function lateRow(rules: Rules, state: RecordState, made: number, record: number): RecordState {
  const name = nameOf(made, record);
  if (rules.lateConfirms && (state.crosswalk[record] === made || undoOf(state, name) !== 'none')) return state;
  return state.late.includes(name) ? state : { ...state, late: [...state.late, name].sort() };
}

export function undoOf(state: RecordState, name: string): Undo {
  return state.undo[name] ?? 'none';
}

const ours: SeenRecord = { state: 'active', fields: { name: 'ours' } };
const edited: SeenRecord = { state: 'active', fields: { name: 'a person changed it' } };

/** Begins to take back what one call made of one record, after reading it by its id: by the product's own table. */
export function beginUndo(rules: Rules, state: RecordState, name: string): RecordState {
  if (undoOf(state, name) !== 'none') return state;
  const create = state.creates[name];
  const decision = rules.decideUndo({
    origin: 'created',
    seen: isLive(create) ? (create === 'edited' ? edited : ours) : null,
    before: null,
    after: { ...ours, whole: true },
    undoKinds: { '*': 'delete' },
    allowedMilder: [],
    inUse: false,
  });
  const undo: Undo = decision.act !== 'none' ? 'intended' : decision.end === 'kept' ? 'kept' : 'done';
  const next = { ...state, undo: { ...state.undo, [name]: undo } };
  return undo === 'kept' ? { ...next, exception: withAt(next.exception, recordOf(name), true) } : next;
}

export function recordOf(name: string): number {
  return Number(name.split('.')[1]);
}

export function callOf(name: string): number {
  return Number(name.split('.')[0]);
}

/** Verdicts on every open call of a record after a search by key; `past`: the calls that the search may call absent. */
export function judge(
  rules: Rules,
  state: RecordState,
  record: number,
  shown: readonly string[],
  about: readonly number[],
  past: readonly number[],
): RecordState {
  const [found] = shown.filter((name) => recordOf(name) === record);
  return about.reduce((next, call) => {
    if (!openStatuses.includes(next.status[record] ?? 'absent')) return next;
    if (rules.boundToCall && next.calls[call]?.open.includes(record) !== true) return next;
    const verdict = rules.judgeUnknown({
      effect: { operation: 'create', fields: {}, before: null },
      seen: found === undefined ? null : ours,
      readBeganAtMs: 0,
      calls: [{ intendedAtMs: past.includes(call) ? -1_000 : 0 }],
      limits: { callTimeoutMs: 100, commitHorizonMs: 100, readLagMs: 100 },
      proof: found === undefined ? 'none' : 'ours',
    });
    return verdict === 'wait' ? next : answer(rules, next, call, record, verdict, found === undefined ? null : callOf(found));
  }, state);
}
