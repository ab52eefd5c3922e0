import { sharedWave } from '../../contracts/messages.ts';
import type { Price } from '../../domain/rollback/price.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import type { Context } from '../deps.ts';
import { ordersToEnter } from './new-business.ts';

/** The price of going back from here, of one wave or (shared) of the whole run; what people entered since is asked of the new system itself. */
export async function priceOf(context: Context, wave: string): Promise<Price> {
  const { ledger, ref, sys } = context;
  for (const row of await ledger.waves.all(ref.run)) if (wave === sharedWave || row.name === wave) await countOrders(context, row);
  return ledger.goingBack.price(ref.run, wave === sharedWave ? null : wave, sys.plan.rollback.minutesPerHundredEffects);
}

/** Counts what people have entered in the new system for a switched wave, and stores it for those who tell the price without asking there. */
export async function countOrders(context: Context, { name, attempt, state }: WaveRow): Promise<void> {
  if (state !== 'switched') return;
  await context.ledger.goingBack.noteOrders(context.ref.run, name, attempt, await ordersToEnter(context, name));
}
