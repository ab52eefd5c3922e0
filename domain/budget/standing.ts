import { callKinds, grantAll, type CallKind } from './grant.ts';
import type { LimitWindow } from './window.ts';

/** Calls of one kind that a limit would make wait now, and until when. */
export interface KindWaiting {
  readonly kind: CallKind;
  readonly untilMs: number;
}

/** Which kinds of calls would have to wait if they were asked for now. */
export function waitsOf(window: LimitWindow, nowMs: number): readonly KindWaiting[] {
  return callKinds.flatMap((kind) => {
    const { grant } = grantAll([window], kind, nowMs);
    return 'waitUntilMs' in grant ? [{ kind, untilMs: grant.waitUntilMs }] : [];
  });
}
