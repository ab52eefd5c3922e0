import type { Lanes } from '../../ledger/lanes.ts';
import type { Context } from '../deps.ts';

/**
 * Ends sessions that are not known to be ended at their targets, confirmed: no process that sleeps writes through them any more. Rejects behind the last
 * where one could not be ended: the others do no more harm meanwhile.
 */
export async function endSessionsOf({ ledger, sys }: Context, which: Parameters<Lanes['openSessions']>[0]): Promise<void> {
  const failures: unknown[] = [];
  for (const { lane, token, system, handle } of await ledger.lanes.openSessions(which)) {
    try {
      await sys.target(system).endSession(handle);
      await ledger.lanes.endSession(lane, token, system);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
