import type { Step } from '../explorer.ts';
import { startOf, waveStands, type Rules } from './rules.ts';
import { isClosed, marked, type ActKind, type PendingAct, type SwitchState } from './state.ts';

type Take = (step: Step<SwitchState>) => void;

/** Processes that may be under way, asleep or not, at the same time. */
const processes = 2;

/** When the wave wants an act: the workflow's order of steps. */
function wants(state: SwitchState, act: ActKind): boolean {
  switch (act) {
    case 'freeze':
      return state.gate !== 'go' && (state.wave === 'shadow' || !isClosed(state));
    case 'seal':
      return state.gate === 'go' && state.wave === 'frozen';
    case 'unseal':
      return state.wave === 'frozen' && state.legacy.lock === 'seal' && (state.held || state.noGo || state.rollback);
    case 'thaw':
      return state.wave === 'undoing' && state.book !== 'legacy';
  }
}

/** Acts on legacy: allowed and numbered in the ledger, done in legacy, committed in the ledger; a process may sleep, or die, in between. */
export function actSteps(rules: Rules, state: SwitchState, take: Take): void {
  for (const act of ['freeze', 'seal', 'unseal', 'thaw'] as const) allow(rules, state, act, take);
  for (const pending of state.acts) {
    const others = { ...state, acts: state.acts.filter((other) => other !== pending) };
    take({ name: `the process of ${textOf(pending)} is killed`, kind: 'fault', state: others });
    if (pending.at === 'allowed') reachLegacy(rules, others, pending, take);
    else take({ name: `${textOf(pending)} commits`, kind: 'progress', state: commit(rules, others, pending) });
  }
}

function textOf({ act, attempt, generation, order }: PendingAct): string {
  return `${act} ${String(order)} (attempt ${String(attempt)}, generation ${String(generation)})`;
}

function allow(rules: Rules, state: SwitchState, act: ActKind, take: Take): void {
  const { attempt } = state;
  if (state.acts.length >= processes || !wants(state, act)) return;
  const generation = act === 'freeze' ? state.generation + 1 : state.generation;
  const asked = { act, attempt, generation: act === 'seal' || act === 'unseal' ? generation : null };
  if (rules.mayAct(asked, waveStands(state)) !== 'may') return;
  const order = state.orders + 1;
  const pending: PendingAct = { act, attempt, generation, order, at: 'allowed' };
  take({
    name: `${textOf(pending)} is allowed`,
    kind: 'progress',
    state: { ...state, generation, orders: order, acts: [...state.acts, pending] },
  });
}

/** What legacy does with an order: an older one is refused, and so is one for a freeze that it does not hold. */
function reachLegacy(rules: Rules, state: SwitchState, pending: PendingAct, take: Take): void {
  const { legacy } = state;
  const { act, generation, order } = pending;
  const holds = legacy.lock !== 'open' && legacy.generation === generation;
  const isNewest = generation >= legacy.generation;
  const fits = act === 'thaw' || act === 'freeze' ? isNewest : holds && (act === 'seal' || legacy.lock === 'seal');
  if ((rules.keepsOrders && order <= legacy.highest) || !fits) {
    take({ name: `legacy refuses ${textOf(pending)}`, kind: 'progress', state });
    return;
  }
  const locks = { freeze: 'lease', seal: 'seal', unseal: 'lease', thaw: 'open' } as const;
  take({
    name: `legacy does ${textOf(pending)}`,
    kind: 'progress',
    state: {
      ...state,
      legacy: { lock: locks[act], generation, highest: Math.max(order, legacy.highest) },
      acts: [...state.acts, { ...pending, at: 'done' }],
    },
  });
}

/** The transaction after the act: books and wave together, and the stop verbs read in it. */
function commit(rules: Rules, state: SwitchState, pending: PendingAct): SwitchState {
  const { act, attempt, generation } = pending;
  if (act === 'seal') return startSwitch(rules, state, pending);
  if (rules.commitsFenced && (attempt !== state.attempt || generation !== state.generation)) return state;
  switch (act) {
    case 'freeze':
      return state.wave === 'frozen' || rules.mayMove(state.wave, 'frozen') ? { ...state, wave: 'frozen', book: 'closed' } : state;
    case 'unseal':
      return state.wave === 'frozen' ? { ...state, gate: 'none', judge: null } : state;
    case 'thaw':
      return state.wave === 'undoing' || !rules.commitsFenced ? { ...state, book: 'legacy' } : state;
  }
}

function startSwitch(rules: Rules, state: SwitchState, sealed: PendingAct): SwitchState {
  if (startOf(rules, state, sealed) !== 'go') return state;
  const switching: SwitchState = { ...state, wave: 'switching', book: 'closed' };
  return state.held || state.noGo || state.rollback ? marked(switching, 'switchedOverStop') : switching;
}
