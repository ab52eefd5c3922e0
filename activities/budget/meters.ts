import type { Ledger } from '../../ledger/ledger.ts';
import { Meter, type MeteredSystem } from './meter.ts';
import { Pauses } from './pauses.ts';

/** The meters of all systems that this process calls; waits that systems ask for are listened for once. */
export class Meters {
  readonly #ledger: Ledger;
  readonly #pauses: Pauses;
  readonly #meters = new Map<string, Meter>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#pauses = new Pauses(ledger.pauses);
  }

  /** The meter of one system of a plan: the same for everybody who asks. */
  of(metered: MeteredSystem): Meter {
    const { ref, system } = metered;
    const key = JSON.stringify([ref.planHash, ref.envHash, system]);
    const meter = this.#meters.get(key) ?? new Meter(this.#ledger, this.#pauses, metered);
    this.#meters.set(key, meter);
    return meter;
  }

  /** Gives back all leases and listens no longer. */
  async dispose(): Promise<void> {
    for (const meter of this.#meters.values()) await meter.dispose();
    await this.#pauses.dispose();
  }
}
