import type { Model, Step } from '../explorer.ts';
import { actSteps } from './acts.ts';
import { finishOf, mayGoOn, opening, product, waveStands, type Rules } from './rules.ts';
import { beginning, isClosed, keyOf, marked, normal, type SwitchState } from './state.ts';

type Take = (step: Step<SwitchState>) => void;

const attempts = 2;
const isBack = ({ wave }: SwitchState): boolean => wave === 'rolledBack' || wave === 'rolledBackWithExceptions';

/** The gate opens on a lease that holds, is measured, and lets through by the product's decision. */
function gateSteps(rules: Rules, state: SwitchState, take: Take): void {
  if (state.gate === 'none' && state.wave === 'frozen' && isClosed(state))
    take({ name: 'the gate opens, and its go is given', kind: 'progress', state: { ...state, gate: 'open' } });
  if (state.gate !== 'open') return;
  const { attempt, noGo, held, rollback, judge } = state;
  if (judge === null) {
    take({ name: 'the gate is measured', kind: 'progress', state: { ...state, judge: { attempt, noGo, held, rollback } } });
    return;
  }
  take({ name: 'the judging process is killed', kind: 'fault', state: { ...state, judge: null } });
  const decided = opening(rules, state, judge);
  const judged: SwitchState = { ...state, judge: null };
  if (decided.act === 'open') {
    const went: SwitchState = { ...judged, gate: 'go' };
    take({ name: 'the gate lets through', kind: 'progress', state: noGo || held || rollback ? marked(went, 'openedOverStop') : went });
  } else {
    const gate = decided.act === 'end' && decided.end === 'noGo' ? 'noGo' : 'open';
    take({ name: 'the gate stays shut', kind: 'progress', state: { ...judged, gate } });
  }
}

function personSteps(state: SwitchState, take: Take): void {
  const { left } = state;
  if (left.noGo > 0 && state.gate === 'open')
    take({ name: 'a no-go is recorded', kind: 'fault', state: { ...state, noGo: true, left: { ...left, noGo: 0 } } });
  if (left.hold > 0) take({ name: 'a hold is recorded', kind: 'fault', state: { ...state, held: true, left: { ...left, hold: 0 } } });
  if (state.held) take({ name: 'the hold is lifted', kind: 'progress', state: { ...state, held: false } });
  if (left.rollback > 0 && !isBack(state))
    take({ name: 'a rollback is recorded', kind: 'fault', state: { ...state, rollback: true, left: { ...left, rollback: 0 } } });
  if (left.lapse > 0 && state.legacy.lock === 'lease') {
    const legacy = { ...state.legacy, lock: 'open' } as const;
    take({ name: 'the lease ends by itself', kind: 'fault', state: { ...state, legacy, left: { ...left, lapse: 0 } } });
  }
}

/** The records are loaded while legacy is open; a lapsed lease sends the gate back; a stop takes the wave back; the switch ends; the next attempt begins. */
function waveSteps(rules: Rules, state: SwitchState, take: Take): void {
  const isStopped = state.noGo || state.rollback;
  if (state.wave === 'loading' && rules.mayMove('loading', 'shadow'))
    take({ name: 'the records are loaded, and stand in shadow', kind: 'progress', state: { ...state, wave: 'shadow' } });
  if (state.wave === 'frozen' && !isClosed(state) && (state.gate === 'open' || state.gate === 'go'))
    take({ name: 'the wave goes back to its freeze', kind: 'progress', state: { ...state, gate: 'none', judge: null } });
  if (isStopped && !isBack(state) && state.wave !== 'undoing' && rules.mayRaise(state.wave)) {
    const book = rules.closesBeforeThaw && state.book === 'target' ? 'closed' : state.book;
    take({
      name: 'the raise of the rollback commits',
      kind: 'progress',
      state: { ...state, wave: 'undoing', book, gate: 'none', judge: null },
    });
  }
  if (finishOf(rules, state) === 'go')
    take({ name: 'the switch ends', kind: 'progress', state: { ...state, wave: 'switched', book: 'target' } });
  if (state.wave === 'undoing' && state.book === 'legacy' && rules.mayMove('undoing', 'rolledBack'))
    take({ name: 'the rollback ends', kind: 'progress', state: { ...state, wave: 'rolledBack', noGo: false, rollback: false } });
  const next = state.attempt + 1;
  if (next <= attempts && rules.mayBeginAt('attempt', next, waveStands(state)) === 'may' && mayGoOn(rules, state))
    take({ name: 'the next attempt begins', kind: 'progress', state: { ...state, attempt: next, wave: 'loading', gate: 'none' } });
}

const isQuiet = (state: SwitchState): boolean => {
  const isOver = state.wave === 'switched' ? !state.noGo && !state.rollback : isBack(state) && state.attempt === attempts;
  return state.acts.length === 0 && isOver;
};

const broken: Model<SwitchState>['broken'] = {
  'two books are open at once': ({ book, legacy }) => book === 'target' && legacy.lock !== 'seal',
  'a gate let through over a stop verb': ({ marks }) => marks.includes('openedOverStop'),
  'a switch began over a stop verb': ({ marks }) => marks.includes('switchedOverStop'),
  'legacy stays sealed though it is the book': (state) => isQuiet(state) && state.book === 'legacy' && state.legacy.lock === 'seal',
  'nobody holds the book': (state) => isQuiet(state) && state.book === 'closed',
};

/** Freeze, gate, switch and rollback of one wave under the rules of the product, or of a mutant. */
export function switchModel(changes: Partial<Rules> = {}, left: Partial<SwitchState['left']> = {}): Model<SwitchState> {
  const rules = { ...product, ...changes };
  return {
    initial: { ...beginning, left: { ...beginning.left, ...left } },
    key: keyOf,
    next: (state, take) => {
      const taken: Take = (step) => {
        take({ ...step, state: normal(step.state) });
      };
      actSteps(rules, state, taken);
      gateSteps(rules, state, taken);
      personSteps(state, taken);
      waveSteps(rules, state, taken);
    },
    broken,
    isQuiet,
  };
}
