import type { Answered } from '../../contracts/calls.ts';
import type { CallKind } from '../../domain/budget/grant.ts';
import type { BudgetPlan } from '../../domain/plan/systems.ts';
import type { Exchange, Exchanged } from '../../ledger/budgets.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** How long a lease is used at most, and the time after it in which its last calls end (ms): until then the ledger counts it. */
const [longestHoldMs, graceMs] = [30_000, 30_000];

/** A call taken out of a purse: when, and how many of our calls were surely answered before. */
export interface Ticket {
  readonly sentAtMs: number;
  readonly counted: number;
}

interface PurseOf {
  readonly ledger: Ledger;
  readonly instance: string;
  readonly kind: CallKind;
  readonly budget: BudgetPlan | undefined;
}

/** Calls of one kind to one instance that this process has leased. One statement of the ledger is for many of them. */
export class Purse {
  readonly #of: PurseOf;
  readonly #lease = crypto.randomUUID();
  #left = 0;
  #underWay = 0;
  /** Calls that ended and are not booked yet. */
  #used = 0;
  #booked = 0;
  #goodUntilMs = 0;
  #seen: (Omit<NonNullable<Exchange['seen']>, 'ageMs'> & { readonly sentAtMs: number }) | null = null;
  #exchanging: Promise<Exchanged> | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(of: PurseOf) {
    this.#of = of;
  }

  /** Whether a call may be taken; where none is left, a further lease is asked for. Null, or what the ledger said. */
  async fill(): Promise<Exchanged | null> {
    while (!this.#hasCalls()) {
      const exchanged = await (this.#exchanging ?? this.#begin(true));
      if ('waitUntilMs' in exchanged.grant) return exchanged;
    }
    return null;
  }

  /** One call; null where none is left. */
  take(): Ticket | null {
    if (!this.#hasCalls()) return null;
    this.#left -= 1;
    this.#underWay += 1;
    return { sentAtMs: performance.now(), counted: this.#booked + this.#used };
  }

  /** The call has ended. */
  put(ticket: Ticket, { count }: Answered): void {
    this.#underWay -= 1;
    this.#used += 1;
    this.see(ticket, count);
  }

  /** What the system said of its count with an answer: the word of the call that was sent last counts. */
  see({ sentAtMs, counted }: Ticket, count: Answered['count']): void {
    if (count === undefined || (this.#seen !== null && this.#seen.sentAtMs > sentAtMs)) return;
    const { used, limit, windowMs } = count;
    this.#seen = { used, limit, counted, sentAtMs, lengthMs: windowMs };
  }

  /** Gives back what is left, so that nobody waits for it. */
  async empty(): Promise<void> {
    clearTimeout(this.#idle);
    while (this.#exchanging !== null) await this.#exchanging.catch(() => undefined);
    if (this.#left > 0 || this.#used > 0) await this.#begin(false);
  }

  /** One exchange at a time: two at once would book the same calls twice. */
  #begin(asks: boolean): Promise<Exchanged> {
    const exchanging = this.#exchange(asks).finally(() => {
      this.#exchanging = null;
    });
    this.#exchanging = exchanging;
    return exchanging;
  }

  #hasCalls(): boolean {
    return this.#left > 0 && performance.now() < this.#goodUntilMs;
  }

  async #exchange(asks: boolean): Promise<Exchanged> {
    const { ledger, instance, kind, budget } = this.#of;
    const beganMs = performance.now();
    const [used, seen] = [this.#used, this.#seen];
    this.#left = 0;
    const exchanged = await ledger.budgets.exchange({
      instance,
      budget,
      report: { lease: this.#lease, used, kept: this.#underWay },
      seen: seen === null ? null : { ...seen, ageMs: beganMs - seen.sentAtMs },
      ask: asks ? { kind, holdMs: (shortestMs) => Math.min(longestHoldMs, shortestMs / 2) + graceMs } : null,
    });
    this.#used -= used;
    if (this.#seen === seen) this.#seen = null;
    this.#booked = exchanged.booked;
    this.#left = exchanged.grant.calls;
    this.#goodUntilMs = beganMs + exchanged.holdMs - graceMs;
    if (this.#left > 0) this.#giveBackAt(this.#goodUntilMs);
    return exchanged;
  }

  #giveBackAt(atMs: number): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      // Where the ledger cannot be reached the lease expires by itself.
      this.empty().catch(() => undefined);
    }, atMs - performance.now()).unref();
  }
}
