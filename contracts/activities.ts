import type { GateEnded } from '../domain/gates/opening.ts';
import type { HoldSource, Standing, Stop } from '../domain/gates/stops.ts';
import type { GateKind } from '../domain/plan/rights.ts';
import type { Phase } from '../domain/plan/phases.ts';
import type { WavePlace } from '../domain/waves/entry.ts';
import type { WaveState } from '../domain/waves/state.ts';
import type { RunRef, WaitingGate, WaveRef } from './messages.ts';

/** How far an activity is that reads many records, as its heartbeat tells it: names of the plan and counts only. */
export interface Reading {
  /** A query of the plan, or in a few words what is read. */
  readonly reading: string;
  readonly done: number;
  /** Null while they have not been counted. */
  readonly total: number | null;
  /** Since it began to read (ms). */
  readonly elapsedMs: number;
}

/** What the workflows need to know of plan and env; small, without addresses or people. */
export interface RunSetup {
  readonly plan: string;
  readonly pilot: string;
  readonly expansion: readonly string[];
  readonly sharedObjects: readonly string[];
  readonly accountObjects: readonly string[];
  readonly timings: {
    readonly soakMs: number;
    readonly parallelRunMs: number;
    readonly hypercareMs: number;
    readonly reconcileEveryMs: number;
    readonly guardEveryMs: number;
    /** Pause before the second attempt of a wave; twice as long before each further one. */
    readonly retryPauseMs: number;
  };
  readonly gates: Readonly<Record<GateKind, GateTiming>>;
}

/** Type of the failure of an activity that came too late: its wave attempt is over, and nothing was done. */
export const movedOn = 'movedOn';

/** Name of the step whose rounds number the loads of a wave. */
export const loadStep = 'load';

/** Whether something began, or who stood in its way: a hold, which will be lifted, or a no-go or rollback. */
export type Begun = 'begun' | 'held' | 'stopped';

/** A step of a switch that did not happen, because of a hold, or of a no-go or rollback. */
export type SwitchStepEnd = 'held' | 'stopped';

export type { GateKind };

export interface GateTiming {
  readonly reminderMs: number;
  readonly atDeadline: 'hold' | 'escalate' | 'rollback';
  readonly maxAttempts: number;
}

/** How a lane activity ended; `wait` and `budget` (the system takes no more calls for now) ask for a named timer of `waitMs` and another call. */
export interface LaneEnd {
  readonly end: 'done' | 'fenced' | 'held' | 'noGuard' | 'wait' | 'budget';
  readonly waitMs: number;
  readonly why: string;
  readonly written: number;
  readonly failed: number;
}

export interface GateCall extends RunRef {
  readonly gate: string;
  readonly kind: GateKind;
  readonly wave: string;
}

/** State of a gate after its decisions were counted again. */
export type GateJudgement =
  | { readonly state: 'waiting'; readonly waiting: WaitingGate }
  /** The quorum is met, and something that needs no vote does not hold yet; the gate looks again after `lookInMs`. */
  | { readonly state: 'settling'; readonly waiting: WaitingGate; readonly detail: string; readonly lookInMs: number }
  /** `remeasure`: the evidence is another now, or no longer valid; `leaseLapsed`: the freeze behind it ended; `moot`: its question is gone. */
  | { readonly state: Exclude<GateEnded, 'superseded'>; readonly detail: string };

/** A decision message as it came in, with the signal that carried it. */
export interface RawMessage {
  readonly signal: string;
  readonly body: string;
}

/** A decision that counts, as the workflow acts on it. */
export interface Recorded {
  readonly requestId: string;
  readonly accepted: boolean;
  readonly detail: string;
  readonly verb: 'go' | 'noGo' | 'hold' | 'resume' | 'rollback' | null;
  readonly gate: string | null;
  /** Of a rollback: `run` or a wave. */
  readonly scope: string | null;
  readonly reason: string;
}

/** A guard's breach that has not been answered yet. */
export interface Breach {
  readonly guard: string;
  readonly wave: string;
  readonly attempt: number;
  readonly answer: 'pause' | 'rollback';
  readonly reason: string;
}

/** A hold that the run places itself. `cause` is its own, so that an activity that is tried again places it once. */
export interface HoldOrder {
  /** `run`, or a wave. */
  readonly scope: string;
  readonly source: Exclude<HoldSource, 'person' | 'guard'>;
  readonly reason: string;
  /** What a resume of it brings about beside going on; null where nothing. */
  readonly follows: string | null;
  readonly cause: string;
}

/** A wave as a run that takes it up needs it; `isDone`: an earlier run has switched all its accounts. */
export interface WaveStanding {
  readonly name: string;
  readonly attempt: number;
  readonly state: WaveState;
  readonly isDone: boolean;
  /** A rollback of it that was ordered and may not have begun. */
  readonly rollback: Stop | null;
  /** Whether its retry gate has had its go, and its next attempt has not begun; absent in histories of before this was told. */
  readonly isRetryDecided?: boolean;
}

/** Where a run stands in the ledger: what its workflow goes on from, however the one before it ended (P12). */
export interface RunStanding {
  readonly state: 'open' | 'closed' | 'refused' | 'rolledBack' | 'rolledBackWithExceptions';
  readonly phase: Phase;
  /** False for a run that no workflow has carried into its first phase yet. */
  readonly hasBegun: boolean;
  readonly hold: string | null;
  /** The rollback of the whole run, once it was ordered. */
  readonly rollback: Stop | null;
  readonly waves: readonly WaveStanding[];
  /** Whether the baseline gate has had its go. */
  readonly isBaselined: boolean;
  /** Whether the close gate has had its go, and it still speaks of what stands. */
  readonly isClosing: boolean;
}

/** One execution of a workflow: after it is started again, continues as new or is set back, its workflow has another one. */
export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
}

/** A round of a step; `elapsedMs` since it began, by the ledger's clock. */
export interface BegunStep {
  readonly round: number;
  readonly elapsedMs: number;
}

export interface RunActivities {
  /** Opens the run in the ledger, or finds it there as it stands. */
  openRun(ref: RunRef): Promise<{ readonly setup: RunSetup; readonly standing: RunStanding }>;
  /** Whether somebody may still steer the run: `gone` where its workflow has ended without ending the run, which then is held. */
  lookAtRun(ref: RunRef): Promise<'open' | 'gone' | 'ended'>;
  /** Begins the next round of a wave's step, or finds the one that was begun and never ended. */
  beginStep(ref: WaveRef, step: string): Promise<BegunStep>;
  endStep(ref: WaveRef, step: string, round: number): Promise<void>;
  /** The round of a step that was begun and never ended. */
  unendedStep(ref: WaveRef, step: string): Promise<BegunStep | null>;
  /**
   * Writes down how a child workflow ended, for a parent that may not be there to hear it. Where another execution of its parent goes on since than the
   * one that started the child (`parent`), that one is told: Temporal brings the end to the first alone.
   */
  noteEnd(ref: RunRef, workflow: string, ended: unknown, parent?: Execution): Promise<void>;
  /** How a child workflow ended; null while it has not. */
  endOf(workflow: string): Promise<{ readonly ended: unknown } | null>;
  /** Sentences that say what is missing and what to do; empty when the run may begin. Nothing is changed. */
  preflight(ref: RunRef): Promise<readonly string[]>;
  enterPhase(ref: RunRef, phase: Phase): Promise<void>;
  freezeConfiguration(ref: RunRef): Promise<void>;
  /** Full baseline and archive; `done` are waves whose accounts an earlier run has already switched, to be skipped whole. */
  exportAll(ref: RunRef): Promise<{ readonly staged: number; readonly archived: number; readonly done: readonly string[] }>;
  /** Null where a hold or a stop verb keeps a run from being closed. */
  endRun(ref: RunRef, state: 'closed' | 'refused' | 'rolledBack' | 'rolledBackWithExceptions'): Promise<string | null>;
  /** Holds the run or a wave; the same cause holds it once, however often it is told. False where that hold has been lifted already. */
  placeHold(ref: RunRef, hold: HoldOrder): Promise<boolean>;
  /** Lifts the holds that stood when this order to take the run back was recorded; `by` says why. Younger ones stay. */
  liftHolds(ref: RunRef, requestId: string, by: string): Promise<void>;
  /** Holds, no-gos and rollbacks that stand now. */
  standingNow(ref: RunRef): Promise<Standing>;
  noteEvent(ref: RunRef, wave: string | null, kind: string, detail: Readonly<Record<string, string | number>>): Promise<void>;
}

export interface WaveActivities {
  /** Where a wave attempt stands, and the stop that stands against it. */
  waveStands(ref: WaveRef): Promise<WavePlace & { readonly stop: Stop | null }>;
  /** Checks readiness and opens the wave (or finds it as it stands). */
  openWave(ref: WaveRef): Promise<Begun>;
  /** Begins the next numbered attempt of a wave that was taken back. */
  beginAttempt(ref: WaveRef): Promise<Begun>;
  probeWayBack(ref: WaveRef): Promise<LaneEnd>;
  freezeWave(ref: WaveRef): Promise<{ readonly generation: number; readonly accounts: number }>;
  /**
   * Reads what changed in the source and stages it; returns how many staged changes no load was planned for yet, and (`retries`) how many records are in
   * an exception that a load may cure. `loadLeft`: a load of the wave was begun and never ended, and nothing was read: what it has done already would
   * miss the news, so that it comes to its end first.
   */
  stageDelta(ref: WaveRef, retries?: boolean): Promise<number | 'loadLeft'>;
  /** Lanes for the records of an object that need work, in order. */
  planLoad(ref: WaveRef, object: string): Promise<readonly number[]>;
  /** Lanes for the records that vanished from the source, to be loaded one after the other: what refers to others goes first. */
  planTombstones(ref: WaveRef): Promise<readonly number[]>;
  loadLane(ref: WaveRef, lane: number): Promise<LaneEnd>;
  /** Marks the wave loaded; documents are harmless, legacy is still the book. */
  enterShadow(ref: WaveRef): Promise<void>;
  /** `late`: accounts that would switch, and that came right only behind the freeze. */
  verifyWave(ref: WaveRef): Promise<{ readonly unexplained: number; readonly exceptions: number; readonly late: number }>;
  compareBooks(ref: WaveRef): Promise<{ readonly compared: number; readonly differing: number }>;
  /** Seals the wave's accounts in legacy; `lapsed` or `changed` sends the wave back to its freeze; `held` or `stopped` left a lease behind. */
  sealWave(ref: WaveRef): Promise<'sealed' | 'lapsed' | 'changed' | SwitchStepEnd>;
  planSwitch(ref: WaveRef): Promise<readonly number[]>;
  switchLane(ref: WaveRef, lane: number): Promise<LaneEnd>;
  /** Ends the switch, or says how many of its acts (activations, pointers) are still open: then nothing was ended; a hold, no-go or rollback ends nothing either. */
  finishSwitch(
    ref: WaveRef,
  ): Promise<{ readonly end: 'switched' | 'open' | SwitchStepEnd; readonly accounts: number; readonly open: number }>;
  smokeTest(ref: WaveRef): Promise<LaneEnd>;
  retireRecords(ref: WaveRef): Promise<readonly number[]>;
}

export interface GateActivities {
  /** The attempt of the gate that is open now; null where none is. */
  openAttempt(call: GateCall): Promise<WaitingGate | null>;
  openGate(call: GateCall): Promise<WaitingGate>;
  /** `again`: measure now, whatever the gate waits for. */
  judgeGate(call: GateCall, attempt: number, again?: boolean): Promise<GateJudgement>;
  /** Ends an open attempt that nobody will decide any more. */
  leaveGate(call: GateCall, attempt: number, state?: 'exhausted' | 'moot'): Promise<void>;
  recordDecisions(ref: RunRef, messages: readonly RawMessage[]): Promise<readonly Recorded[]>;
}

export interface GuardActivities {
  judgeGuards(ref: RunRef): Promise<readonly Breach[]>;
}

export interface RollbackActivities {
  /** The raise: after it no further intent of the wave's load can begin. False when there is nothing to undo. */
  raiseWave(ref: WaveRef, requestId: string, reason: string): Promise<boolean>;
  /** Ends the wave's sessions at the targets, confirmed. */
  endSessions(ref: WaveRef): Promise<void>;
  /** Resolves calls of unknown outcome; `waitMs` > 0 asks to come again. */
  settleOpen(ref: WaveRef): Promise<{ readonly open: number; readonly waitMs: number }>;
  exportNewBusiness(ref: WaveRef): Promise<number>;
  planUndo(ref: WaveRef): Promise<readonly number[]>;
  undoLane(ref: WaveRef, lane: number): Promise<LaneEnd>;
  /** Searches by key for every record that ever had an intent; returns those of ours that still stand and should not. */
  searchLeftovers(ref: WaveRef): Promise<number>;
  thawWave(ref: WaveRef): Promise<void>;
  finishUndo(
    ref: WaveRef,
  ): Promise<{ readonly state: 'rolledBack' | 'rolledBackWithExceptions'; readonly undone: number; readonly kept: number }>;
}

export type AllActivities = RunActivities & WaveActivities & GateActivities & GuardActivities & RollbackActivities;
