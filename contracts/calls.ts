import { AdapterError } from './failures.ts';

/** What an answer said about further calls. */
export interface Answered {
  /** The system's own count of all calls of all its users in a window that moves, and its limit. */
  readonly count?: { readonly used: number; readonly limit: number; readonly windowMs: number };
  /** The wait it asked for, which is meant for all callers. */
  readonly retryAfterMs?: number;
}

/** A call that may be sent. `end` is called once, whatever became of it. */
export interface StartedCall {
  end(answer: Answered): Promise<void>;
}

/** Asked by an adapter before each call; shared by all who call the same instance of a system. */
export interface CallMeter {
  /** Waits up to some seconds for its turn where it may (`isPatient`); rejects with BudgetWait where none comes so soon. */
  start(instance: string, isPatient: boolean): Promise<StartedCall>;
}

/** Nothing was sent: the system takes no call of this kind before `retryAfterMs` have passed. The message says why and until when. */
export class BudgetWait extends AdapterError {
  constructor(message: string, system: string, waitMs: number) {
    super('throttled', message, { system, operation: 'wait for calls', retryAfterMs: waitMs });
  }

  get waitMs(): number {
    return this.retryAfterMs ?? 0;
  }
}

/** Type of the failure by which an activity tells its workflow to wait for the budget of a system; its details are a `BudgetWaitTold`. */
export const waitsForBudget = 'waitsForBudget';

export interface BudgetWaitTold {
  readonly waitMs: number;
}
