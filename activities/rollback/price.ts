import { priceOfGoingBack, type Price } from '../../domain/rollback/price.ts';
import { sharedWave } from '../../contracts/messages.ts';
import type { Context } from '../deps.ts';

/** What one undo costs in calls: one read and one write for each effect. */
const callsPerHundredEffects = 200;

/** The price of going back from here, of one wave or (shared) of the whole run: counted in the ledger, in minutes by the plan's measured rate. */
export async function priceOf(context: Context, wave: string): Promise<Price> {
  const { ledger, ref, sys } = context;
  const waves = (await ledger.waves.all(ref.run)).filter(({ name }) => wave === sharedWave || name === wave);
  const effects = (await Promise.all(waves.map((row) => ledger.effects.ofWave(ref.run, row.name, row.attempt)))).flat();
  const standing = effects.filter((effect) => effect.status === 'applied' && effect.undoes === null);
  const rekey = (await ledger.exceptions.openOf(ref.run, wave === sharedWave ? null : wave)).filter(
    ({ kind }) => kind === 'newBusiness',
  ).length;
  return priceOfGoingBack({
    effectsToUndo: standing.length,
    documentsThatRemain: standing.filter((effect) => effect.operation === 'activate').length,
    ordersToRekey: rekey,
    minutesPerHundredEffects: sys.plan.rollback.minutesPerHundredEffects,
    callsPerHundredEffects,
    callsReserved: null,
    nowMs: Date.now(),
    windowEndsMs: null,
  });
}
