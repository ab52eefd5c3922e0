/** Where one effect stands: open until its outcome is known, then what it did, then what became of it in a rollback. */
export const effectStatuses = [
  'intended',
  'unknown',
  'applied',
  'unchanged',
  'rejected',
  'absent',
  'ambiguous',
  'undone',
  'kept',
  'irreversible',
] as const;
export type EffectStatus = (typeof effectStatuses)[number];

/** What the call itself answered. */
export type Receipt = 'applied' | 'unchanged' | 'rejected' | 'unknown';

/** Whether the outcome is still to come; only an open effect changes by a receipt or a verdict. */
export function isOpen(status: EffectStatus): boolean {
  return status === 'intended' || status === 'unknown';
}

/** The call a receipt or verdict speaks of, seen in the transaction that records it. */
export interface CallState {
  readonly status: EffectStatus;
  /** Neither a receipt nor a verdict has closed this very call yet. */
  readonly callOpen: boolean;
}

/** What else must hold for a receipt `applied` to count. */
export interface ReceiptContext extends CallState {
  /** The crosswalk already names another target record for this source record. */
  readonly otherTarget: boolean;
  /** The wave has left the state in which the call was allowed. */
  readonly waveMovedOn: boolean;
}

/**
 * The status after a receipt. A receipt is a fact and never refused, but a write reported for a closed call, for a record that has
 * another target, or after the wave moved on is `late`: it writes no crosswalk and goes to the late sweeper.
 */
export function applyReceipt(context: ReceiptContext, receipt: Receipt): EffectStatus | 'late' {
  const counts = context.callOpen && isOpen(context.status);
  if (receipt === 'applied') return counts && !context.otherTarget && !context.waveMovedOn ? 'applied' : 'late';
  return counts ? receipt : context.status;
}

/** What reading the target said about an effect whose call gave no answer; `wait` until the read is past the horizon. */
export type Verdict = 'applied' | 'absent' | 'ambiguous' | 'wait';

/** The status after a verdict. A verdict counts only while its call is open; `wait` changes nothing. */
export function applyVerdict(call: CallState, verdict: Verdict): EffectStatus {
  if (verdict === 'wait' || !call.callOpen || !isOpen(call.status)) return call.status;
  return verdict;
}

/** How a rollback left an effect. */
export type UndoEnd = 'undone' | 'kept' | 'irreversible';

/** The status after an undo; only what was applied, or kept by an earlier undo, can end so. */
export function applyUndo(status: EffectStatus, end: UndoEnd): EffectStatus {
  return status === 'applied' || status === 'kept' ? end : status;
}

/** Whether another call of the effect may be made: every call so far is closed, and as one that wrote nothing. */
export function mayCallAgain(calls: readonly EffectStatus[]): boolean {
  return calls.every((status) => status === 'rejected' || status === 'absent');
}
