import { mayCall, openStatuses, settle, type EffectStatus, type Receipt, type Verdict } from '../../../domain/effects/outcome.ts';
import { judgeUnknown } from '../../../domain/effects/verdict.ts';
import type { Model, Step } from '../explorer.ts';

/** What decides here: the product's own functions, and the reservation its intent transaction makes. A mutant changes one. */
export interface Rules {
  readonly mayCall: typeof mayCall;
  readonly settle: typeof settle;
  readonly judgeUnknown: typeof judgeUnknown;
  /** An intent reserves the target record for its source record. */
  readonly reserves: boolean;
  /** A target record is given up only when nothing of its owner may still come. */
  readonly keepsWhileOpen: boolean;
}

const product: Rules = { mayCall, settle, judgeUnknown, reserves: true, keepsWhileOpen: true };

type Name = 'A' | 'B';
const names: readonly Name[] = ['A', 'B'];

interface Source {
  readonly status: EffectStatus;
  readonly calls: number;
  readonly net: 'none' | 'flight' | 'landed' | 'rejected' | 'lost';
  readonly open: boolean;
  /** Another record owns the target record, or too many calls were refused. */
  readonly exception: boolean;
}

/** Two source records that match one record of the target, which a third party made. */
export interface OwnerState {
  readonly A: Source;
  readonly B: Source;
  readonly owner: Name | null;
  /** Who wrote the target record, in order; its content is the last one's. */
  readonly written: readonly Name[];
  readonly ambiguousSent: boolean;
}

type Take = (step: Step<OwnerState>) => void;

const fresh: Source = { status: 'absent', calls: 0, net: 'none', open: false, exception: false };
const mostCalls = 2;

function change(state: OwnerState, name: Name, to: Partial<Source>): OwnerState {
  return { ...state, [name]: { ...state[name], ...to } };
}

function answer(rules: Rules, state: OwnerState, name: Name, says: Receipt | Exclude<Verdict, 'wait'>): OwnerState {
  const { status, open } = state[name];
  const otherOwner = rules.reserves && state.owner !== null && state.owner !== name;
  const settled = rules.settle({ status, callOpen: open, inTime: true, otherTarget: false, otherOwner }, says);
  return change(state, name, { status: settled.status, open: open && !settled.closesCall });
}

function sourceSteps(rules: Rules, state: OwnerState, name: Name, take: Take): void {
  const { status, calls, net, open, exception } = state[name];
  const step = (what: string, to: OwnerState): void => {
    take({ name: `${name} ${what}`, kind: 'progress', state: to });
  };
  if (!exception && !open && rules.mayCall(status)) {
    const isTaken = rules.reserves && state.owner !== null && state.owner !== name;
    if (isTaken || calls === mostCalls) step('becomes an exception', change(state, name, { exception: true }));
    else {
      const sent = change(state, name, { status: 'intended', calls: calls + 1, net: 'flight', open: true });
      const reserved = { ...sent, owner: rules.reserves ? name : null };
      step('is intended and sent', status === 'ambiguous' ? { ...reserved, ambiguousSent: true } : reserved);
    }
  }
  if (net === 'flight') {
    step('lands', { ...change(state, name, { net: 'landed' }), written: [...state.written, name] });
    step('is refused by the target', change(state, name, { net: 'rejected' }));
    step('is lost', change(state, name, { net: 'lost' }));
    step('gets no answer in time', answer(rules, state, name, 'unknown'));
  }
  if (open && (net === 'landed' || net === 'rejected'))
    step('gets its answer', answer(rules, state, name, net === 'landed' ? 'applied' : 'rejected'));
  if (open && net !== 'flight') step('is resolved by reading the target', answer(rules, state, name, verdict(rules, state, name)));
  const isOver = status === 'rejected' || status === 'absent';
  if (state.owner === name && isOver && (!open || !rules.keepsWhileOpen)) step('gives the target record up', { ...state, owner: null });
  if (state.owner === name && !rules.keepsWhileOpen && status === 'unknown')
    step('gives the target record up too early', { ...state, owner: null });
}

/** What a read past the horizon says: the content is ours, what it was before us, or neither. */
function verdict(rules: Rules, state: OwnerState, name: Name): Exclude<Verdict, 'wait'> {
  const content = (who: Name | undefined): { readonly name: string } => ({ name: who ?? 'as it was' });
  const said = rules.judgeUnknown({
    effect: { operation: 'update', fields: content(name), before: { state: 'active', fields: content(undefined) } },
    seen: { state: 'active', fields: content(state.written.at(-1)) },
    readBeganAtMs: 0,
    calls: [{ intendedAtMs: -1_000 }],
    limits: { callTimeoutMs: 100, commitHorizonMs: 100, readLagMs: 100 },
    proof: 'ours',
  });
  return said === 'wait' ? 'ambiguous' : said;
}

/** One target for two source records, under the rules of the product, or of a mutant. */
export function ownerModel(changes: Partial<Rules> = {}): Model<OwnerState> {
  const rules = { ...product, ...changes };
  return {
    initial: { A: fresh, B: fresh, owner: null, written: [], ambiguousSent: false },
    key: (state) => JSON.stringify(state),
    next: (state, take) => {
      for (const name of names) sourceSteps(rules, state, name, take);
    },
    broken: {
      'one target record was written for two source records': ({ written }) => new Set(written).size > 1,
      'an ambiguous effect was sent again': ({ ambiguousSent }) => ambiguousSent,
    },
    isQuiet: (state) =>
      names.every((name) => {
        const { status, open, exception, net } = state[name];
        return net !== 'flight' && !open && (exception || (!openStatuses.includes(status) && !rules.mayCall(status)));
      }),
  };
}
