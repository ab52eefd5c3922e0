import { decideOpening } from '../../../domain/gates/opening.ts';
import { mayBegin, type Standing } from '../../../domain/gates/stops.ts';
import { mayAct, mayBeginAt, mayRaise, type WaveStanding } from '../../../domain/waves/acts.ts';
import { mayMove } from '../../../domain/waves/state.ts';
import { mayFinishSwitch, mayStartSwitch } from '../../../domain/waves/switching.ts';
import type { Measured, PendingAct, SwitchState } from './state.ts';

/** What decides here: the product's own functions, and what its statements do around them. A mutant changes one. */
export interface Rules {
  readonly decideOpening: typeof decideOpening;
  readonly mayBegin: typeof mayBegin;
  readonly mayAct: typeof mayAct;
  readonly mayBeginAt: typeof mayBeginAt;
  readonly mayRaise: typeof mayRaise;
  readonly mayMove: typeof mayMove;
  readonly mayStartSwitch: typeof mayStartSwitch;
  readonly mayFinishSwitch: typeof mayFinishSwitch;
  /** The opening transaction reads votes and stop verbs itself, behind its lock. */
  readonly opensOnWhatStands: boolean;
  /** Legacy keeps the highest order per account and refuses a lower one. */
  readonly keepsOrders: boolean;
  /** A change of books and wave is refused where its attempt, or its freeze generation, is no longer the present one. */
  readonly commitsFenced: boolean;
  /** A rollback closes the book before it opens legacy. */
  readonly closesBeforeThaw: boolean;
}

/** As the product is built. */
export const product: Rules = {
  decideOpening,
  mayBegin,
  mayAct,
  mayBeginAt,
  mayRaise,
  mayMove,
  mayStartSwitch,
  mayFinishSwitch,
  opensOnWhatStands: true,
  keepsOrders: true,
  commitsFenced: true,
  closesBeforeThaw: true,
};

const wave = 'east';
const who = { person: 'it', role: 'it', reason: 'model' } as const;

/** What stands, as a deciding transaction reads it. */
export function standingOf({ held, noGo, rollback }: Pick<Measured, 'held' | 'noGo' | 'rollback'>): Standing {
  return {
    holds: held ? [{ ...who, number: 1, scope: 'run', source: 'person', follows: null, at: '' }] : [],
    stops: [
      ...(noGo ? [{ ...who, verb: 'noGo' as const, scope: wave, requestId: 'no-go' }] : []),
      ...(rollback ? [{ ...who, verb: 'rollback' as const, scope: wave, requestId: 'rollback' }] : []),
    ],
  };
}

/** What the opening transaction decides, on what was read behind its lock (or, in a mutant, before). */
export function opening(rules: Rules, state: SwitchState, measured: Measured): ReturnType<typeof decideOpening> {
  const read = rules.opensOnWhatStands ? state : measured;
  return rules.decideOpening({
    runOpen: true,
    attempt: 1,
    newest: 1,
    state: state.gate === 'open' ? 'open' : 'moot',
    shut: [],
    wave,
    waveAttempt: measured.attempt,
    currentAttempt: state.attempt,
    begins: 'switch',
    roles: ['finance'],
    votes: [{ verb: 'go', role: 'finance', by: 'ada' }, ...(read.noGo ? [{ verb: 'noGo' as const, role: 'it' as const, by: 'bo' }] : [])],
    deadlineMs: null,
    validUntilMs: 1,
    nowMs: 0,
    standing: standingOf(read),
  });
}

export function mayGoOn(rules: Rules, state: SwitchState): boolean {
  return rules.mayBegin('attempt', wave, standingOf(state)).may;
}

/** Where run and wave stand, as a deciding transaction reads it. */
export function waveStands({ wave: state, attempt, generation }: SwitchState): WaveStanding {
  return { runIsOpen: true, state, attempt, generation };
}

/** What the transaction after the seal decides. */
export function startOf(rules: Rules, state: SwitchState, sealed: PendingAct): ReturnType<typeof mayStartSwitch> {
  return rules.mayStartSwitch({
    attempt: sealed.attempt,
    generation: sealed.generation,
    at: waveStands(state),
    stagedGeneration: state.generation,
    sealOrder: sealed.order,
    newestOrder: state.orders,
    begin: rules.mayBegin('switch', wave, standingOf(state)),
  });
}

/** What the transaction at the end of the switch decides. */
export function finishOf(rules: Rules, state: SwitchState): ReturnType<typeof mayFinishSwitch> {
  const begin = rules.mayBegin('switch', wave, standingOf(state));
  return rules.mayFinishSwitch({ attempt: state.attempt, generation: state.generation, at: waveStands(state), begin });
}
