import { CancellationScope } from '@temporalio/workflow';
import { ids } from '../contracts/messages.ts';
import { takeBack } from './children.ts';
import type { RollbackOrder, Run } from './run/state.ts';
import { abandonSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { setupOf } from './steps.ts';
import { condition } from './timers.ts';

/** Rollbacks of waves that nothing works on at the moment: they begin at once, beside whatever the run is doing. */
export class IdleRollbacks {
  readonly #run: Run;
  readonly #backs = new Map<string, Promise<unknown>>();

  constructor(run: Run) {
    this.#run = run;
  }

  begin(order: RollbackOrder): void {
    const { scope } = order;
    if (this.#backs.has(scope)) return;
    const back = CancellationScope.nonCancellable(async () => {
      const attempt = this.#run.attempt(scope);
      const { state } = await takeBack(this.#run, scope, order);
      // An order that came late, when the attempt had been taken back already: whoever carries the wave has seen to its retry gate.
      const { retries } = this.#run;
      const isSeenTo = retries.has(scope) || this.#run.attempt(scope) !== attempt;
      if (state !== 'nothingToUndo' && !isSeenTo) retries.set(scope, 'undecided');
      this.#backs.delete(scope);
    });
    this.#backs.set(scope, back);
  }

  /** Goes on with the rollbacks of waves that were ordered before this execution of the run began; returns at their end. */
  async takeUp(): Promise<void> {
    const { ref, standing } = this.#run;
    for (const { name, attempt, state, rollback } of standing?.waves ?? []) {
      const isOver = state === 'planned' || state === 'rolledBack' || state === 'rolledBackWithExceptions' || state === 'closed';
      if (isOver || (rollback === null && state !== 'undoing')) continue;
      const [requestId, reason] = [
        rollback?.requestId ?? `recovered-${name}-${String(attempt)}`,
        rollback?.reason ?? 'it was being taken back',
      ];
      for (const id of [ids.wave(ref.run, name, attempt), ids.parallelRun(ref.run, name, attempt)]) await signalIfThere(id, abandonSignal);
      this.begin({ requestId, scope: name, reason });
    }
    await this.settled();
  }

  /** Returns when none of them is under way. */
  async settled(): Promise<void> {
    await condition(() => this.#backs.size === 0);
  }

  /** Waves of the plan, the pilot included, whose accounts are not yet on the target. */
  unswitched(): readonly string[] {
    const { pilot, expansion } = setupOf(this.#run);
    return [pilot, ...expansion].filter((name) => !this.#run.switched.has(name));
  }
}
