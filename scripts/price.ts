import { priceOfGoingBack, type Price } from '../domain/rollback/price.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RunView } from './run-view.ts';

/** What one undo costs in calls: one read and one write for each effect. */
const callsPerHundredEffects = 200;

/** The price of going back from now, of the whole run or of one wave, counted in the ledger; null where the plan cannot be read. */
export async function readPrice(
  ledger: Ledger,
  { run, plan, waves, exceptions }: RunView,
  scope: string,
  nowMs: number,
): Promise<Price | null> {
  if (plan === null) return null;
  const within = waves.filter(({ name }) => scope === 'run' || name === scope);
  const effects = await Promise.all(within.map(({ name, attempt }) => ledger.effects.ofWave(run.id, name, attempt)));
  const standing = effects.flat().filter(({ status, undoes }) => status === 'applied' && undoes === null);
  return priceOfGoingBack({
    effectsToUndo: standing.length,
    documentsThatRemain: standing.filter(({ operation }) => operation === 'activate').length,
    ordersToRekey: exceptions.filter(
      ({ kind, state, wave }) => kind === 'newBusiness' && state === 'open' && within.some(({ name }) => name === wave),
    ).length,
    minutesPerHundredEffects: plan.rollback.minutesPerHundredEffects,
    callsPerHundredEffects,
    callsReserved: null,
    nowMs,
    windowEndsMs: null,
  });
}
