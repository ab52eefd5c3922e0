import { mayCall, settle } from '../../../domain/effects/outcome.ts';
import { judgeUnknown } from '../../../domain/effects/verdict.ts';
import { judgeClaim } from '../../../domain/gates/stops.ts';
import { decideUndo } from '../../../domain/rollback/decide.ts';
import { mayMove, mayWrite } from '../../../domain/waves/state.ts';

/**
 * What decides in this model. The functions are the product's own. The switches are what its activities and statements do around them; each but
 * `lateHandled` is as the product is built, and a mutant turns one off or puts a wrong function in the place of a right one.
 */
export interface Rules {
  readonly mayCall: typeof mayCall;
  readonly settle: typeof settle;
  readonly judgeUnknown: typeof judgeUnknown;
  readonly judgeClaim: typeof judgeClaim;
  readonly decideUndo: typeof decideUndo;
  readonly mayMove: typeof mayMove;
  readonly mayWrite: typeof mayWrite;
  /** An intent, and every later claim, is refused where the token is not the lane's. */
  readonly tokens: boolean;
  /** A receipt or verdict speaks of its own call, never of whatever call of the effect is open now. */
  readonly boundToCall: boolean;
  /** A read counts as past the horizon by the age of the call when the read began. */
  readonly readBegan: boolean;
  /** The deadline is checked before the socket write. */
  readonly deadline: boolean;
  /** Sessions belong to claims; the next claim, a raise and the end of the lane end them, and a horizon counts anew from there. */
  readonly fence: boolean;
  readonly horizonFromFence: boolean;
  /** A read may call absent only what no live session of another claim can still send. */
  readonly absentWaitsForFence: boolean;
  /**
   * The sweep and the rollback wait for the horizon of every call, closed ones included. The product does not: with `absentWaitsForFence` a call
   * that is closed can no longer come.
   */
  readonly waitsForEvery: boolean;
  /** A late row that names the crosswalk's record, or one that is being undone, only confirms. */
  readonly lateConfirms: boolean;
  /** Late rows are dealt with in every state of the wave. The product does so in a rollback alone: a late row of a switched wave stays open. */
  readonly lateHandled: boolean;
  /** The sweep looks for every record of ours that is not the crosswalk's, and not only for two. */
  readonly sweepsEvery: boolean;
  /** An undo is conditional on what was read. */
  readonly conditionalUndo: boolean;
  /** A rollback searches by key for every record that ever had an intent, and again before it says done. */
  readonly rollbackSearches: boolean;
  readonly searchBeforeDone: boolean;
  /** Before the switch every record of the crosswalk is read by its id. */
  readonly readsBeforeSwitch: boolean;
}

/** As the product is built. */
export const product: Rules = {
  mayCall,
  settle,
  judgeUnknown,
  judgeClaim,
  decideUndo,
  mayMove,
  mayWrite,
  tokens: true,
  boundToCall: true,
  readBegan: true,
  deadline: true,
  fence: true,
  horizonFromFence: true,
  absentWaitsForFence: true,
  waitsForEvery: false,
  lateConfirms: true,
  lateHandled: true,
  sweepsEvery: true,
  conditionalUndo: true,
  rollbackSearches: true,
  searchBeforeDone: true,
  readsBeforeSwitch: true,
};

/** How large the world is. */
export interface World {
  readonly records: number;
  readonly calls: number;
  readonly holds: number;
  readonly persons: number;
  /** A process may sleep between the check of the deadline and the socket write. */
  readonly sleepers: boolean;
  /** A call may be applied to a part of its records. */
  readonly partial: boolean;
}
