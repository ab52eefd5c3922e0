import { CancellationScope, condition } from '@temporalio/workflow';
import { takeBack } from './children.ts';
import type { RollbackOrder, Run } from './run/state.ts';
import { setupOf } from './steps.ts';

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
    const before = this.#run.attempt(scope);
    const back = CancellationScope.nonCancellable(async () => {
      await takeBack(this.#run, scope, order);
      if (this.#run.attempt(scope) > before) this.#run.toRetry.add(scope);
      this.#backs.delete(scope);
    });
    this.#backs.set(scope, back);
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
