import { asyncLocalStorage } from '@temporalio/activity';
import { BudgetWait, type Answered, type CallMeter, type StartedCall } from '../../contracts/calls.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { usageText, waitingText } from '../../domain/budget/words.ts';
import type { BudgetPlan } from '../../domain/plan/systems.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { progress } from '../pulse.ts';
import { Instance } from './instance.ts';
import type { Pauses } from './pauses.ts';
import type { Purse, Ticket } from './purse.ts';

/** A wait up to so long is waited for where it arises; a longer one ends the activity, and its workflow waits (ms). */
const shortWaitMs = 10_000;

/** One system of a plan. */
export interface MeteredSystem {
  readonly ref: Pick<RunRef, 'planHash' | 'envHash'>;
  readonly system: string;
  readonly budget: BudgetPlan | undefined;
}

/** The meter of one system of a plan: each call waits for the limits of its instance, and for what the system asked all callers to wait. */
export class Meter implements CallMeter {
  readonly #ledger: Ledger;
  readonly #pauses: Pauses;
  readonly #of: MeteredSystem;
  /** Read from the ledger once for each. */
  readonly #instances = new Map<string, Promise<Instance>>();
  /** The instance that was called last. */
  #current: string | null = null;

  constructor(ledger: Ledger, pauses: Pauses, of: MeteredSystem) {
    this.#ledger = ledger;
    this.#pauses = pauses;
    this.#of = of;
  }

  /** Waits for the next call as a patient start does; for none before the first call, which tells the instance. */
  async ready(): Promise<void> {
    if (this.#current !== null) await this.#clear(this.#current, (await this.#instance(this.#current)).purse, true);
  }

  async start(name: string, isPatient: boolean): Promise<StartedCall> {
    this.#current = name;
    const instance = await this.#instance(name);
    const { purse } = instance;
    let ticket: Ticket | null;
    do {
      await this.#clear(name, purse, isPatient);
      ticket = purse === null ? { sentAtMs: performance.now(), counted: 0 } : purse.take();
    } while (ticket === null);
    const taken = ticket;
    return {
      end: async (answer: Answered) => {
        if (answer.retryAfterMs !== undefined && answer.retryAfterMs > 0) await this.#pauses.place(name, answer.retryAfterMs);
        if (purse !== null) purse.put(taken, answer);
        else if (answer.count !== undefined) instance.learn(taken, answer.count);
      },
    };
  }

  /** Gives back all leases. */
  async dispose(): Promise<void> {
    for (const found of await Promise.allSettled(this.#instances.values())) if (found.status === 'fulfilled') await found.value.empty();
  }

  #instance(name: string): Promise<Instance> {
    const found = this.#instances.get(name) ?? this.#open(name);
    this.#instances.set(name, found);
    found.catch(() => this.#instances.delete(name));
    return found;
  }

  async #open(instance: string): Promise<Instance> {
    const { ref, system, budget } = this.#of;
    await this.#pauses.listen();
    return Instance.open(this.#ledger, { plan: ref.planHash, env: ref.envHash, system, instance }, budget);
  }

  /** Waits until a call may be sent, where it may and the wait is short. */
  async #clear(name: string, purse: Purse | null, isPatient: boolean): Promise<void> {
    for (let wait = await this.#obstacle(name, purse); wait !== null; wait = await this.#obstacle(name, purse)) {
      const { waitMs, message } = wait;
      if (!isPatient || waitMs > shortWaitMs) throw wait;
      tell(message);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** What keeps a call from being sent now; null where nothing does. */
  async #obstacle(name: string, purse: Purse | null): Promise<BudgetWait | null> {
    const pausedMs = this.#pauses.leftMs(name);
    if (pausedMs > 0) return this.#waitFor('it asked all callers to wait', pausedMs, Date.now());
    const exchanged = (await purse?.fill()) ?? null;
    if (exchanged?.tightest == null || !('waitUntilMs' in exchanged.grant)) return null;
    const { tightest, grant, nowMs } = exchanged;
    return this.#waitFor(usageText(tightest, nowMs), grant.waitUntilMs - nowMs, nowMs);
  }

  #waitFor(why: string, waitMs: number, nowMs: number): BudgetWait {
    const { system } = this.#of;
    return new BudgetWait(waitingText({ system, why, untilMs: nowMs + waitMs }, nowMs), system, Math.max(1, Math.ceil(waitMs)));
  }
}

/** Told where an activity waits; other callers show nothing. */
function tell(waits: string): void {
  if (asyncLocalStorage.getStore() !== undefined) progress({ waits });
}
