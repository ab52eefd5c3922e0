import type { Step } from '../explorer.ts';
import { changeCall, marked, recordOf, undoOf, withAt } from './ledger.ts';
import type { Rules, World } from './rules.ts';
import { isLive, isSeen, nameOf, type Create, type RecordState } from './state.ts';

type Take = (step: Step<RecordState>) => void;

/** What the target, its clock and the people in it may do next. */
export function targetSteps(rules: Rules, world: World, state: RecordState, take: Take): void {
  for (const call of state.calls.keys()) {
    passTime(state, call, take);
    decideCall(world, state, call, take);
  }
  for (const [name, create] of Object.entries(state.creates)) {
    if (create === 'hidden') take({ name: `searches show ${name}`, kind: 'progress', state: withCreate(state, name, 'seen') });
    if (isSeen(create)) personActs(state, name, create, take);
    if (undoOf(state, name) === 'intended') undoLands(rules, state, name, create, take);
  }
}

function withCreate(state: RecordState, name: string, create: Create): RecordState {
  return { ...state, creates: { ...state.creates, [name]: create } };
}

/** Earlier calls pass their limits first; what was sent in time is decided and shown before its horizon. */
function passTime(state: RecordState, call: number, take: Take): void {
  const { age, net, records } = state.calls[call] ?? { age: 'past', net: 'none', records: [] };
  const before = state.calls[call - 1]?.age ?? 'past';
  if (age === 'past' || before === 'young' || (age === 'overdue' && before !== 'past')) return;
  const isHidden = net === 'landed' && records.some((record) => state.creates[nameOf(call, record)] === 'hidden');
  if (age === 'overdue' && (net === 'sent' || isHidden)) return;
  const to = age === 'young' ? 'overdue' : 'past';
  take({ name: `call ${String(call)} is ${to}`, kind: 'progress', state: changeCall(state, call, { age: to }) });
}

function subsets(records: readonly number[]): readonly (readonly number[])[] {
  return records.reduce<readonly (readonly number[])[]>((sets, record) => [...sets, ...sets.map((set) => [...set, record])], [[]]);
}

function decideCall(world: World, state: RecordState, call: number, take: Take): void {
  const { net, records } = state.calls[call] ?? { net: 'none', records: [] };
  if (net !== 'sent' && net !== 'sentLate') return;
  for (const part of world.partial ? subsets(records).filter((set) => set.length > 0) : [records]) {
    let landed = changeCall(state, call, { net: 'landed' });
    for (const record of part) {
      landed = withCreate(landed, nameOf(call, record), 'hidden');
      if (state.wave === 'rolledBack' || state.wave === 'rolledBackWithExceptions') landed = marked(landed, 'createAfterDone');
      const isDouble = state.calls.some((_, other) => other !== call && isLive(state.creates[nameOf(other, record)]));
      if (isDouble && !state.marks.includes('sentLate')) landed = marked(landed, 'doubleInTime');
    }
    take({ name: `the target commits call ${String(call)} for ${part.join()}`, kind: 'progress', state: landed });
  }
  for (const end of ['rejected', 'lost'] as const)
    take({ name: `call ${String(call)} is ${end}`, kind: 'progress', state: changeCall(state, call, { net: end }) });
}

function personActs(state: RecordState, name: string, create: Create, take: Take): void {
  if (state.personsLeft === 0) return;
  const acted = { ...state, personsLeft: state.personsLeft - 1 };
  if (create === 'seen') take({ name: `a person edits ${name}`, kind: 'fault', state: withCreate(acted, name, 'edited') });
  take({ name: `a person removes ${name}`, kind: 'fault', state: withCreate(acted, name, 'removedByPerson') });
}

/** The removal reaches the target: refused where somebody changed the record since it was read, proved where it is gone. */
function undoLands(rules: Rules, state: RecordState, name: string, create: Create, take: Take): void {
  const ended = (undo: 'done' | 'kept'): RecordState => ({ ...state, undo: { ...state.undo, [name]: undo } });
  if (create === 'edited' && rules.conditionalUndo) {
    const kept = ended('kept');
    const exception = withAt(kept.exception, recordOf(name), true);
    take({ name: `removing ${name} is refused: it changed`, kind: 'progress', state: { ...kept, exception } });
    return;
  }
  if (!isLive(create)) {
    take({ name: `${name} is proved gone`, kind: 'progress', state: ended('done') });
    return;
  }
  const removed = withCreate(state, name, 'removedByUs');
  take({ name: `${name} is removed`, kind: 'progress', state: create === 'edited' ? marked(removed, 'personsWorkLost') : removed });
}
