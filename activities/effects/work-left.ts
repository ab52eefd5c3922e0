import type { WriteRow } from '../../contracts/adapter.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import type { Context } from '../deps.ts';

/**
 * Writes down the receipts of earlier claims of a lane for work that their systems went on with by themselves: such work says what became of each record, so
 * that none needs to be looked for. It is waited for, because to end it would leave its rest unknown until the horizon. What was refused is sent again by
 * the lane, which tells people why. Returns whether there was any: then it took its time.
 */
export async function settleWorkLeft({ ledger, sys, scope }: Context, lane: number, before: number): Promise<boolean> {
  let waited = false;
  for (const session of await ledger.lanes.openSessions({ lane, before })) {
    const port = sys.target(session.system);
    if (port.workOf === undefined) continue;
    const open = (await ledger.calls.open({ lane })).filter(
      ({ token, effect }) => token === session.token && effect.system === session.system,
    );
    for (const [object, calls] of Map.groupBy(open, ({ effect }) => effect.targetObject)) {
      const numbers = new Map(calls.map(({ effect, n }) => [effect.id, n]));
      const outcomes = await port.workOf(session.handle, object, calls.map(rowOf));
      const named = Map.groupBy(outcomes, (row) => ('id' in row ? row.id : null));
      const told = outcomes.flatMap((row) => {
        const n = numbers.get(row.effectId);
        return n === undefined || ('id' in row && named.get(row.id)?.length !== 1) ? [] : [{ n, row }];
      });
      if (told.length === 0) continue;
      waited = true;
      const { run, wave, attempt } = await ledger.lanes.get(lane);
      await ledger.calls.receive({ scope, run, wave, attempt, lane, token: session.token }, told, false);
    }
  }
  return waited;
}

function rowOf({ effect: { id, operation, targetId, fields } }: OpenCall): WriteRow {
  return { effectId: id, operation, id: targetId, fields, stamp: null };
}
