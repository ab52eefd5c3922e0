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

/** What reading the target said about an effect whose call gave no answer; `wait` until the read is past the horizon. */
export type Verdict = 'applied' | 'absent' | 'ambiguous' | 'wait';

/** Statuses whose outcome is still to come; only such an effect changes by a receipt or a verdict, and no other effect on its record may begin. */
export const openStatuses: readonly EffectStatus[] = ['intended', 'unknown'];

/** Statuses of an effect that stands in the target: only such a one can be taken back. */
export const standingStatuses: readonly EffectStatus[] = ['applied', 'unchanged'];

/** Statuses of an effect that a rollback left in the target. */
export const leftStatuses: readonly EffectStatus[] = ['kept', 'irreversible'];

/** Statuses of an effect that stood in the target at some time, whatever became of it since. */
export const everAppliedStatuses: readonly EffectStatus[] = [...standingStatuses, 'undone', ...leftStatuses];

/** How a rollback left an effect. */
export type UndoEnd = 'undone' | 'kept' | 'irreversible';

/** Whether a call of the effect may be made: every call so far is closed, and as one that wrote nothing. */
export function mayCall(status: EffectStatus): boolean {
  return status === 'rejected' || status === 'absent';
}

/** The call a receipt or verdict speaks of, seen in the transaction that records it. */
export interface CallState {
  readonly status: EffectStatus;
  /** Neither a receipt nor a verdict has closed this very call yet. */
  readonly callOpen: boolean;
  /** The wave still stands where the call was allowed. */
  readonly inTime: boolean;
  /** The crosswalk already names another target record for this source record. */
  readonly otherTarget: boolean;
  /** The target record that the system names stands for another source record. */
  readonly otherOwner: boolean;
}

/** What a receipt or a verdict changes. */
export interface Settlement {
  readonly status: EffectStatus;
  readonly closesCall: boolean;
  /** The crosswalk follows a write, or must not: then the write is late, and the sweeper or the rollback deals with it. */
  readonly crosswalk: 'follows' | 'late' | 'stays';
}

/**
 * What becomes of an effect by a receipt or a verdict. A receipt is a fact and never refused, but one for a closed call moves no status. A write
 * reported for a closed call, after the wave moved on, or for a record that has another target is `late`. A refusal, or no answer, writes nothing.
 * A write that reached a record of another owner is ambiguous: it is neither sent again nor taken back by itself.
 */
export function settle(call: CallState, answer: Receipt | Exclude<Verdict, 'wait'>): Settlement {
  const counts = call.callOpen && openStatuses.includes(call.status);
  const wrote = standingStatuses.includes(answer);
  const follows = counts && call.inTime && !call.otherTarget && !call.otherOwner;
  const status = wrote && call.otherOwner ? 'ambiguous' : answer;
  return {
    status: counts ? status : call.status,
    closesCall: call.callOpen && answer !== 'unknown',
    crosswalk: wrote ? (follows ? 'follows' : 'late') : 'stays',
  };
}
