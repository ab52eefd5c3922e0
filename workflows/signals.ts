import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Breach } from '../contracts/activities.ts';
import type { MessageOutcome, RunStatus, WaitingGate } from '../contracts/messages.ts';

/** From people: one decision message as JSON text. */
export const decideSignal = defineSignal<[string]>('decide');
export const holdSignal = defineSignal<[string]>('hold');
export const resumeSignal = defineSignal<[string]>('resume');
export const rollbackSignal = defineSignal<[string]>('rollback');

export const statusQuery = defineQuery<RunStatus>('status');
export const gateQuery = defineQuery<WaitingGate | null>('gate');
export const outcomeQuery = defineQuery<MessageOutcome, [string]>('outcome');

/** From the watcher to the run: breaches nobody has answered yet. */
export const breachedSignal = defineSignal<[readonly Breach[]]>('breached');
/** From a child to the run: what it does, and the gate it waits at. */
export const progressSignal =
  defineSignal<[{ readonly wave: string; readonly step: string; readonly waiting: WaitingGate | null }]>('progress');
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
