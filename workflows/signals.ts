import { defineQuery, defineSignal, type SignalDefinition } from '@temporalio/workflow';
import type { Breach } from '../contracts/activities.ts';
import {
  childEnded,
  measureAgain,
  takeUp,
  type MessageOutcome,
  type PersonSignal,
  type RunStatus,
  type WaitingGate,
} from '../contracts/messages.ts';

/** From people: one decision message as JSON text. Each with the help that an operator reads beside it in Temporal. */
export const personVerbs: Readonly<Record<PersonSignal, { readonly signal: SignalDefinition<[string]>; readonly help: string }>> = {
  decide: {
    signal: defineSignal<[string]>('decide'),
    help: 'Go or no-go at the open gate. Send it with: cutover decide <run> go|no-go --by <you> --role <role> --reason "<why>"',
  },
  hold: {
    signal: defineSignal<[string]>('hold'),
    help: 'Begin no new write of the run, or of one wave, until it is resumed. Send it with: cutover hold <run> [--scope <wave>] --by <you> --role <role> --reason "<why>"',
  },
  resume: {
    signal: defineSignal<[string]>('resume'),
    help: 'Lift the holds it names, and answer the breaches that led to them. Send it with: cutover resume <run> --by <you> --role <role> --reason "<why>"',
  },
  rollback: {
    signal: defineSignal<[string]>('rollback'),
    help: 'Take a wave or the whole run back. Send it with: cutover rollback <run> --scope run|<wave> --by <you> --role <role> --reason "<why>"',
  },
};

export const statusQuery = defineQuery<RunStatus>('status');
export const gateQuery = defineQuery<WaitingGate | null>('gate');
export const outcomeQuery = defineQuery<MessageOutcome, [string]>('outcome');

/** What a wave tells the run of itself. */
export interface Progress {
  readonly wave: string;
  readonly step: string;
  readonly waiting: WaitingGate | null;
}

/** From the watcher to the run: breaches nobody has answered yet. */
export const breachedSignal = defineSignal<[readonly Breach[]]>('breached');
/** From anybody, and from the run to its children: measure the gate that waits again, now. It decides nothing and is not signed. */
export const measureSignal = defineSignal(measureAgain);
/** From a child to the run: what it does, and the gate it waits at. */
export const progressSignal = defineSignal<[Progress]>('progress');
/** From the run to its children: a decision was recorded; look again. */
export const decidedSignal = defineSignal('decided');
/** From the run to its children: the run is held; begin no further step. */
export const heldSignal = defineSignal('held');
/** From the run to its children: the hold was lifted. */
export const resumedSignal = defineSignal('resumed');
/** From the run to a wave: it is being rolled back; end. */
export const abandonSignal = defineSignal('abandon');
/** From the run to its watcher: the run has ended. */
export const endWatchSignal = defineSignal('endWatch');
/** From a child to its parent: its end is written in the ledger. */
export const endedSignal = defineSignal<[string]>(childEnded);
/** From a child to the run: somebody asked for its cancellation in Temporal. */
export const stopAskedSignal = defineSignal<[string]>('stopAsked');
/** From the run to a child it has found: tell again what you last told. */
export const tellAgainSignal = defineSignal('tellAgain');
/** From `cutover recover` to a run that is under way: read the ledger again, and go on from there. */
export const takeUpSignal = defineSignal(takeUp);
