import type { Price } from '../domain/rollback/price.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunView } from './run-view.ts';

/**
 * The price of going back from now, of the whole run or of one wave; null where the plan cannot be read. The command line has no credentials of
 * the new system, so the orders are the worker's last count, with its time.
 */
export async function readPrice(ledger: Ledger, { run, plan }: Pick<RunView, 'run' | 'plan'>, scope: string): Promise<Price | null> {
  return plan === null ? null : ledger.goingBack.price(run.id, scope === 'run' ? null : scope, plan);
}

/** The price of going back, and what cannot be undone once it is done: shown before anything is sent that takes a wave or the run back. */
export async function priceLines(ledger: Ledger, view: Pick<RunView, 'run' | 'plan'>, scope: string): Promise<readonly string[]> {
  const price = await readPrice(ledger, view, scope);
  return [
    ...(price === null ? [] : [price.sentence]),
    ...(view.plan?.rollback.pointsOfNoReturn ?? []).map((point) => `Cannot be undone once done: ${point}`),
  ];
}
