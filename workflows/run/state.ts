import { setHandler } from '@temporalio/workflow';
import type { Breach, RunSetup, RunStanding } from '../../contracts/activities.ts';
import type { RunRef, RunStatus, WaitingGate } from '../../contracts/messages.ts';
import { openStops, standingOn, stopText, type Standing } from '../../domain/gates/stops.ts';
import type { Phase, phases } from '../../domain/plan/phases.ts';
import { hasPassed } from '../../domain/plan/reached.ts';
import { Children } from '../child.ts';
import type { RollbackEnd } from '../rollback.ts';
import { breachedSignal, measureSignal, progressSignal, stopAskedSignal, takeUpSignal } from '../signals.ts';
import { Turns } from '../turns.ts';
import { RunInbox, type CarriedInbox } from './inbox.ts';
import { RunView, type Shown } from './view.ts';

/** A rollback somebody (or a guard) asked for. */
export interface RollbackOrder {
  readonly requestId: string;
  /** `run` or a wave. */
  readonly scope: string;
  readonly reason: string;
}

/** What a run hands on when it continues as new; everything else is asked of the ledger. */
export interface Carried extends CarriedInbox {
  readonly shown: Required<Shown>;
  readonly stands: Standing;
  /** What was heard in the last moment, and nobody has seen to. */
  readonly stopsAsked: readonly string[];
  readonly isAsked: boolean;
}

/**
 * `undecided`: its retry gate has yet to decide. `decided`: that had its go before this execution began. `underWay`: it is at its gate, or on the way from
 * there to its next attempt.
 */
type Retry = 'undecided' | 'decided' | 'underWay';

/** The state of a run as its workflow knows it: summaries only. Handlers are set in the constructor, before anything is awaited; none of them throws. */
export class Run {
  readonly ref: RunRef;
  readonly inbox: RunInbox;
  readonly children = new Children();
  /** What the ledger says and the child hears of it, one after another. */
  readonly telling = new Turns();
  setup: RunSetup | null = null;
  readonly breaches: Breach[] = [];
  /** Workflow ids whose cancellation somebody asked for in Temporal, not yet recorded. */
  readonly stopsAsked: string[] = [];
  phase: Phase = 'preflight';
  step = 'starting';
  wave: string | null = null;
  /** Workflow id of the child that works on the present wave. */
  child: string | null = null;
  /** What stands against going on, as the ledger last told. */
  stands: Standing = { holds: [], stops: [] };
  waiting: WaitingGate | null = null;
  order: RollbackOrder | null = null;
  news = false;
  /** Somebody asked to measure the gate that waits again: not yet passed on, and passed on to a gate of the run itself. */
  isAsked = false;
  again = false;
  end: string | null = null;
  /** Set where the run has to read the ledger again: it then continues as new. */
  isLeaving = false;
  /** Whether this execution has entered a phase. */
  hasEntered = false;
  /** Whether this execution has come to the close gate. */
  hasLeftClose = false;
  /** Whether this execution looks after the watcher. */
  isWatched = false;
  /** Where the ledger had the run when this execution began. */
  standing: RunStanding | null = null;
  readonly attempts = new Map<string, number>();
  readonly switched = new Set<string>();
  /** Waves that were taken back, and where each stands on the way to its next attempt. */
  readonly retries = new Map<string, Retry>();
  /** The attempt of the gate of the run itself that waited last: counted by the ledger, over all executions. */
  gateAttempt = 0;
  /** Rollbacks under way, by wave. */
  readonly backs = new Map<string, Promise<RollbackEnd>>();
  readonly #view: RunView;

  constructor(ref: RunRef, carried: Carried | null) {
    this.ref = ref;
    this.inbox = new RunInbox(carried);
    this.stands = carried?.stands ?? this.stands;
    this.stopsAsked.push(...(carried?.stopsAsked ?? []));
    this.isAsked = carried?.isAsked ?? false;
    Object.assign(this, carried?.shown);
    this.#view = new RunView(() => this.#status());
    setHandler(
      breachedSignal,
      (breaches) => {
        this.breaches.push(...breaches);
      },
      { description: 'Sent by the watcher: breaches nobody has answered.' },
    );
    setHandler(
      stopAskedSignal,
      (workflow) => {
        this.stopsAsked.push(workflow);
      },
      { description: 'Sent by a child: somebody asked for its cancellation in Temporal.' },
    );
    setHandler(
      takeUpSignal,
      () => {
        this.isLeaving = true;
      },
      { description: 'Read the ledger again and go on from there. Send it with: cutover recover <run>' },
    );
    setHandler(
      measureSignal,
      () => {
        this.isAsked = true;
      },
      { description: 'Measure the gate that waits again, now. Send it with: cutover gate <run> --again' },
    );
    setHandler(
      progressSignal,
      (progress) => {
        this.show(progress);
      },
      { description: 'Sent by a wave: what it does, and the gate it waits at.' },
    );
  }

  /** Goes on from where the ledger has the run. */
  takeUp(setup: RunSetup, standing: RunStanding): void {
    [this.setup, this.standing] = [setup, standing];
    this.order = standing.rollback === null ? null : { ...standing.rollback, scope: 'run' };
    for (const { name, attempt, state, isDone, isRetryDecided } of standing.waves) {
      this.attempts.set(name, attempt);
      if (isDone || state === 'switched' || state === 'closed') this.switched.add(name);
      if (state === 'rolledBack' || state === 'rolledBackWithExceptions')
        this.retries.set(name, isRetryDecided === true ? 'decided' : 'undecided');
    }
    this.show({ phase: standing.phase });
  }

  /** Whether a phase lay behind the run when this execution began. */
  hadPassed(phase: (typeof phases)[number]): boolean {
    return this.standing !== null && hasPassed(this.standing.phase, phase);
  }

  carried(): Carried {
    const { phase, step, wave, waiting, stands, stopsAsked, isAsked, again } = this;
    return { ...this.inbox.carried(), shown: { phase, step, wave, waiting }, stands, stopsAsked, isAsked: isAsked || again };
  }

  /** Why the run, or a wave of it, is held; null where nothing is. */
  get held(): string | null {
    const { holds } = this.stands;
    return holds.length === 0 ? null : holds.map(({ scope, reason }) => (scope === 'run' ? reason : `wave ${scope}: ${reason}`)).join('; ');
  }

  /** Why what leads this wave on is held; null where it is not. */
  heldOn(wave: string): string | null {
    const { holds } = standingOn(this.stands, wave);
    return holds.length === 0 ? null : holds.map(({ reason }) => reason).join('; ');
  }

  /** Numbered attempt a wave is in. */
  attempt(wave: string): number {
    return this.attempts.get(wave) ?? 1;
  }

  /** Changes what is shown of the run, and shows it. */
  show({ phase = this.phase, wave = this.wave, step = this.step, waiting = this.waiting }: Shown): void {
    Object.assign(this, { phase, wave, step, waiting });
    this.#view.refresh();
  }

  #status(): RunStatus {
    const { ref, phase, step, wave, held, waiting, order, inbox, end, stands } = this;
    return {
      run: ref.run,
      phase,
      step,
      wave,
      held,
      stops: openStops(stands).map(stopText),
      waiting,
      rollback: order === null ? null : `${order.scope}: ${order.reason}`,
      refused: inbox.refused,
      end,
    };
  }
}
