import { phases, type Phase } from '../../../domain/plan/phases.ts';

/** A moment in the life of a run: so long (ms) after one of its phases was first seen. A loaded machine moves it with the run. */
export interface Moment {
  readonly phase: (typeof phases)[number];
  readonly afterMs: number;
}

/** How far a run has come, as its people have seen it. */
export class Life {
  readonly #seenMs = new Map<Phase, number>([['preflight', Date.now()]]);

  /** Notes a phase that was seen. Of a run that is taken back or has ended all are over: what was to happen in them happens now. */
  see(phase: string): void {
    const order: readonly Phase[] = phases;
    const at = order.indexOf(phase as Phase);
    for (const one of at === -1 ? order : order.slice(0, at + 1)) if (!this.#seenMs.has(one)) this.#seenMs.set(one, Date.now());
  }

  hasCome({ phase, afterMs }: Moment): boolean {
    const seenMs = this.#seenMs.get(phase);
    return seenMs !== undefined && Date.now() - seenMs >= afterMs;
  }
}
