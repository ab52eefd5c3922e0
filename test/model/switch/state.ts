import type { WaveState } from '../../../domain/waves/state.ts';

export type ActKind = 'freeze' | 'seal' | 'unseal' | 'thaw';

/** An act on legacy that the ledger allowed and numbered. Its process may sleep before it reaches legacy, and again before it commits. */
export interface PendingAct {
  readonly act: ActKind;
  readonly attempt: number;
  readonly generation: number;
  readonly order: number;
  readonly at: 'allowed' | 'done';
}

/** What a judging process read before it opens: the gate attempt it measured, and what stood then. */
export interface Measured {
  readonly attempt: number;
  readonly noGo: boolean;
  readonly held: boolean;
  readonly rollback: boolean;
}

/** One account of one wave on its way through freeze, gate, switch and rollback, in at most two attempts. */
export interface SwitchState {
  readonly wave: WaveState;
  readonly attempt: number;
  readonly generation: number;
  /** Numbers drawn so far. */
  readonly orders: number;
  readonly book: 'legacy' | 'closed' | 'target';
  readonly legacy: { readonly lock: 'open' | 'lease' | 'seal'; readonly generation: number; readonly highest: number };
  readonly gate: 'none' | 'open' | 'go' | 'noGo';
  readonly judge: Measured | null;
  readonly held: boolean;
  readonly noGo: boolean;
  readonly rollback: boolean;
  readonly left: { readonly noGo: number; readonly hold: number; readonly rollback: number; readonly lapse: number };
  readonly acts: readonly PendingAct[];
  readonly marks: readonly ('openedOverStop' | 'switchedOverStop')[];
}

export const beginning: SwitchState = {
  wave: 'loading',
  attempt: 1,
  generation: 0,
  orders: 0,
  book: 'legacy',
  legacy: { lock: 'open', generation: 0, highest: 0 },
  gate: 'none',
  judge: null,
  held: false,
  noGo: false,
  rollback: false,
  left: { noGo: 1, hold: 1, rollback: 1, lapse: 1 },
  acts: [],
  marks: [],
};

/** Only the order of numbers matters: each is replaced by its rank, so that acts may be repeated without end and the states stay few. */
function ranks(numbers: readonly number[]): (number: number) => number {
  const sorted = [...new Set([0, ...numbers])].sort((a, b) => a - b);
  return (number) => sorted.indexOf(number);
}

/** The state with its orders and generations as ranks, and its acts in one order. */
export function normal(state: SwitchState): SwitchState {
  const { acts, legacy, generation } = state;
  const order = ranks([state.orders, legacy.highest, ...acts.map((act) => act.order)]);
  const freeze = ranks([generation, legacy.generation, ...acts.map((act) => act.generation)]);
  return {
    ...state,
    generation: freeze(generation),
    orders: order(state.orders),
    legacy: { ...legacy, generation: freeze(legacy.generation), highest: order(legacy.highest) },
    acts: acts
      .map((act) => ({ ...act, generation: freeze(act.generation), order: order(act.order) }))
      .sort((a, b) => a.order - b.order || a.at.localeCompare(b.at)),
    marks: [...state.marks].sort(),
  };
}

export function keyOf(state: SwitchState): string {
  return JSON.stringify(state);
}

/** Whether legacy refuses the account's writers under the freeze that counts now. */
export function isClosed({ legacy, generation }: SwitchState): boolean {
  return legacy.lock !== 'open' && legacy.generation === generation;
}

export function marked(state: SwitchState, mark: SwitchState['marks'][number]): SwitchState {
  return state.marks.includes(mark) ? state : { ...state, marks: [...state.marks, mark] };
}
