import type { Price } from '../domain/rollback/price.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunView } from './run-view.ts';

/**
 * The price of going back from now, of the whole run or of one wave; null where the plan cannot be read. The command line has no credentials of
 * the new system, so the orders are the worker's last count, with its time.
 */
export async function readPrice(ledger: Ledger, { run, plan }: Pick<RunView, 'run' | 'plan'>, scope: string): Promise<Price | null> {
  return plan === null ? null : ledger.goingBack.price(run.id, scope === 'run' ? null : scope, plan.rollback.minutesPerHundredEffects);
}
