import type { Answered } from '../../contracts/calls.ts';
import { callKinds, type CallKind } from '../../domain/budget/grant.ts';
import type { BudgetPlan } from '../../domain/plan/systems.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { callKind } from './call-kind.ts';
import { Purse, type Ticket } from './purse.ts';

/** One instance of a system as this process knows it: a purse for each kind of calls, and whether it has any limit. */
export class Instance {
  readonly #purses: Readonly<Record<CallKind, Purse>>;
  #isLimited: boolean;

  private constructor(purses: Readonly<Record<CallKind, Purse>>, isLimited: boolean) {
    this.#purses = purses;
    this.#isLimited = isLimited;
  }

  /** Notes in the ledger what the instance is called in a plan and which limits that names, and reads which stand. */
  static async open(ledger: Ledger, use: Parameters<Ledger['budgets']['declare']>[0], budget: BudgetPlan | undefined): Promise<Instance> {
    const isLimited = await ledger.budgets.declare(use, budget);
    const purses = callKinds.map((kind) => [kind, new Purse({ ledger, instance: use.instance, kind, budget })] as const);
    return new Instance(Object.fromEntries(purses) as Record<CallKind, Purse>, isLimited);
  }

  /** Where the calls of the activity at hand are taken from; null while no limit is known, and each may be sent. */
  get purse(): Purse | null {
    return this.#isLimited ? this.#purses[callKind()] : null;
  }

  /** An answer to a call that was taken from no purse tells of a limit: it is one from here on. */
  learn(ticket: Ticket, count: NonNullable<Answered['count']>): void {
    this.#isLimited = true;
    this.#purses[callKind()].see(ticket, count);
  }

  /** Gives back all leases; one that cannot be given back expires. */
  async empty(): Promise<void> {
    for (const purse of Object.values(this.#purses)) await purse.empty().catch(() => undefined);
  }
}
