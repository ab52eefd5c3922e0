import { setHandler } from '@temporalio/workflow';
import type { Breach, RunSetup } from '../../contracts/activities.ts';
import type { RunRef, RunStatus, WaitingGate } from '../../contracts/messages.ts';
import type { Phase } from '../../domain/plan/phases.ts';
import type { RollbackEnd } from '../rollback.ts';
import { breachedSignal, progressSignal } from '../signals.ts';
import { RunInbox } from './inbox.ts';
import { RunView, type Shown } from './view.ts';

/** A rollback somebody (or a guard) asked for. */
export interface RollbackOrder {
  readonly requestId: string;
  /** `run` or a wave. */
  readonly scope: string;
  readonly reason: string;
}

/** The state of a run as its workflow knows it: summaries only. Handlers are set in the constructor, before anything is awaited; none of them throws. */
export class Run {
  readonly ref: RunRef;
  readonly inbox = new RunInbox();
  setup: RunSetup | null = null;
  readonly breaches: Breach[] = [];
  phase: Phase = 'preflight';
  step = 'starting';
  wave: string | null = null;
  /** Workflow id of the child that works on the present wave. */
  child: string | null = null;
  held: string | null = null;
  waiting: WaitingGate | null = null;
  order: RollbackOrder | null = null;
  news = false;
  end: string | null = null;
  readonly attempts = new Map<string, number>();
  readonly switched = new Set<string>();
  /** Waves taken back while nothing worked on them: the retry gate has yet to decide about them. */
  readonly toRetry = new Set<string>();
  /** Rollbacks under way, by wave. */
  readonly backs = new Map<string, Promise<RollbackEnd>>();
  readonly #view: RunView;

  constructor(ref: RunRef) {
    this.ref = ref;
    this.#view = new RunView(() => this.#status());
    setHandler(
      breachedSignal,
      (breaches) => {
        this.breaches.push(...breaches);
      },
      { description: 'Sent by the watcher: breaches nobody has answered.' },
    );
    setHandler(
      progressSignal,
      (progress) => {
        this.show(progress);
      },
      { description: 'Sent by a wave: what it does, and the gate it waits at.' },
    );
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
    const { ref, phase, step, wave, held, waiting, order, inbox, end } = this;
    return {
      run: ref.run,
      phase,
      step,
      wave,
      held,
      waiting,
      rollback: order === null ? null : `${order.scope}: ${order.reason}`,
      refused: inbox.refused,
      end,
    };
  }
}
