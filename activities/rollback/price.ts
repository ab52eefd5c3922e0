import { sharedWave } from '../../contracts/messages.ts';
import type { Price } from '../../domain/rollback/price.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import type { Context } from '../deps.ts';
import { ordersToEnter } from './orders.ts';

/** The price of going back from here, of one wave or (shared) of the whole run; what people entered since is asked of the new system itself. */
export async function priceOf(context: Context, wave: string): Promise<Price> {
  const { ledger, ref, sys } = context;
  await countOrders(
    context,
    (await ledger.waves.all(ref.run)).filter(({ name }) => wave === sharedWave || name === wave),
  );
  return ledger.goingBack.price(ref.run, wave === sharedWave ? null : wave, sys.plan);
}

/** Counts what people have entered in the new system for those of these waves that have switched, and stores it for those who tell the price without asking there. */
export async function countOrders(context: Context, waves: readonly WaveRow[]): Promise<void> {
  const switched = waves.filter(({ state }) => state === 'switched');
  if (switched.length === 0) return;
  const readAt = await context.ledger.clocks.now();
  const orders = await ordersToEnter(context, switched);
  await context.ledger.goingBack.noteOrders(
    context.ref.run,
    switched.map(({ name, attempt }) => ({ wave: name, attempt, orders: orders.get(name) ?? 0 })),
    readAt,
  );
}
