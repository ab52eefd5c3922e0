import type { Lanes } from '../../ledger/lanes.ts';
import type { Context } from '../deps.ts';

/** Ends sessions that are not known to be ended at their targets, confirmed: no process that sleeps writes through them any more. */
export async function endSessionsOf({ ledger, sys }: Context, which: Parameters<Lanes['openSessions']>[0]): Promise<void> {
  for (const { lane, token, system, handle } of await ledger.lanes.openSessions(which)) {
    await sys.target(system).endSession(handle);
    await ledger.lanes.endSession(lane, token, system);
  }
}
