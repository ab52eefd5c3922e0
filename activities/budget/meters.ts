import { asyncLocalStorage } from '@temporalio/activity';
import { BudgetWait, type Answered, type CallMeter, type StartedCall } from '../../contracts/calls.ts';
import type { RunRef } from '../../contracts/messages.ts';
import { callKinds, type CallKind } from '../../domain/budget/grant.ts';
import { reserveOf } from '../../domain/budget/reserve.ts';
import { usageText, waitingText } from '../../domain/budget/words.ts';
import type { BudgetPlan } from '../../domain/plan/systems.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { progress } from '../pulse.ts';
import { callKind } from './call-kind.ts';
import { Purse, type Ticket } from './purse.ts';

/** A wait up to so long is waited for where it arises; a longer one ends the activity, and its workflow waits (ms). */
const shortWaitMs = 10_000;

/** The meter of one system of a plan: `ready` waits for its next call as a patient start does. */
export interface SystemMeter extends CallMeter {
  ready(): Promise<void>;
}

/** Meters of all systems of this process. What stands in the ledger is read once for each instance; waits that systems ask for are listened for. */
export interface Meters {
  of(ref: Pick<RunRef, 'planHash' | 'envHash'>, system: string, plan: BudgetPlan | undefined): SystemMeter;
  /** Gives back all leases and listens no longer. */
  dispose(): Promise<void>;
}

/** One instance of one system as this process knows it. */
interface Instance {
  readonly purses: Readonly<Record<CallKind, Purse>>;
  isLimited: boolean;
}

export function createMeters(ledger: Ledger): Meters {
  const instances = new Map<string, Promise<Instance>>();
  /** Until when no call may be sent, by instance (`performance.now()`). */
  const pauses = new Map<string, number>();
  let listening: Promise<() => Promise<void>> | null = null;
  const hear = (instance: string, leftMs: number): void => {
    pauses.set(instance, Math.max(pauses.get(instance) ?? 0, performance.now() + leftMs));
  };
  const listen = async (): Promise<void> => {
    listening ??= ledger.pauses.listen(({ instance, leftMs }) => {
      hear(instance, leftMs);
    });
    await listening.catch((error: unknown) => {
      listening = null;
      throw error;
    });
  };
  const pause = async (instance: string, leftMs: number): Promise<void> => {
    hear(instance, leftMs);
    // Where the ledger cannot be told, the next call that is refused tells it again.
    await ledger.pauses.place({ instance, leftMs }).catch(() => undefined);
  };

  const of: Meters['of'] = (ref, system, plan) => {
    const windows = (plan?.windows ?? []).map(({ calls, per }) => ({ calls, lengthMs: per, reserve: reserveOf(plan?.reserve, per) }));
    const known = async (name: string): Promise<Instance> => {
      await listen();
      const isLimited = await ledger.budgets.declare(
        { plan: ref.planHash, env: ref.envHash, system, instance: name },
        windows,
        plan?.reserve,
      );
      const declared = windows.map(({ lengthMs }) => lengthMs);
      const purse = (kind: CallKind): Purse => new Purse({ ledger, instance: name, kind, declared, reserve: plan?.reserve });
      return { isLimited, purses: Object.fromEntries(callKinds.map((kind) => [kind, purse(kind)])) as Record<CallKind, Purse> };
    };
    let current: string | null = null;
    const instance = (name: string): Promise<Instance> => {
      current = name;
      const key = JSON.stringify([ref.planHash, ref.envHash, system, name]);
      const found = instances.get(key) ?? known(name);
      instances.set(key, found);
      found.catch(() => instances.delete(key));
      return found;
    };
    /** What keeps a call from being sent now; null where nothing does. */
    const obstacle = async (name: string, purse: Purse | null): Promise<BudgetWait | null> => {
      const pausedMs = (pauses.get(name) ?? 0) - performance.now();
      if (pausedMs > 0) return waitFor(system, `it asked all callers to wait`, pausedMs, Date.now());
      const exchanged = (await purse?.fill()) ?? null;
      if (exchanged?.tightest == null || !('waitUntilMs' in exchanged.grant)) return null;
      const { tightest, grant, nowMs } = exchanged;
      return waitFor(system, usageText(tightest, nowMs), grant.waitUntilMs - nowMs, nowMs);
    };
    const clear = async (name: string, purse: Purse | null, isPatient: boolean): Promise<void> => {
      for (let wait = await obstacle(name, purse); wait !== null; wait = await obstacle(name, purse)) {
        const { waitMs, message } = wait;
        if (!isPatient || waitMs > shortWaitMs) throw wait;
        tell(message);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    };
    const purseOf = ({ isLimited, purses }: Instance): Purse | null => (isLimited ? purses[callKind()] : null);
    return {
      ready: async () => {
        if (current !== null) await clear(current, purseOf(await instance(current)), true);
      },
      start: async (name, isPatient): Promise<StartedCall> => {
        const found = await instance(name);
        const purse = purseOf(found);
        let ticket: Ticket | null;
        do {
          await clear(name, purse, isPatient);
          ticket = purse === null ? { sentAtMs: performance.now(), counted: 0 } : purse.take();
        } while (ticket === null);
        const taken = ticket;
        return {
          end: async (answer: Answered) => {
            if (answer.retryAfterMs !== undefined && answer.retryAfterMs > 0) await pause(name, answer.retryAfterMs);
            if (purse !== null) purse.put(taken, answer);
            else if (answer.count !== undefined) {
              found.isLimited = true;
              found.purses[callKind()].see(taken, answer.count);
            }
          },
        };
      },
    };
  };
  const dispose = async (): Promise<void> => {
    for (const found of await Promise.allSettled(instances.values()))
      if (found.status === 'fulfilled') for (const purse of Object.values(found.value.purses)) await purse.empty().catch(() => undefined);
    await (
      await listening?.catch(() => null)
    )?.();
  };
  return { of, dispose };
}

function waitFor(system: string, why: string, waitMs: number, nowMs: number): BudgetWait {
  return new BudgetWait(waitingText({ system, why, untilMs: nowMs + waitMs }, nowMs), system, Math.max(1, Math.ceil(waitMs)));
}

/** Told where an activity waits; other callers show nothing. */
function tell(waits: string): void {
  if (asyncLocalStorage.getStore() !== undefined) progress({ waits });
}
