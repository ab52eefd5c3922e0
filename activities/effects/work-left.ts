import type { WriteRow } from '../../contracts/adapter.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import type { Answer } from '../../ledger/effect-row.ts';
import type { Context } from '../deps.ts';

/**
 * Settles calls of earlier claims of a lane by the work that their systems went on with by themselves: such work says what became of each record, so that none
 * needs to be looked for. It is waited for, because to end it would leave its rest unknown until the horizon. What was refused is sent again by the lane, which
 * tells people why.
 */
export async function settleWorkLeft({ ledger, sys }: Context, lane: number, before: number): Promise<void> {
  for (const session of await ledger.lanes.openSessions({ lane, before })) {
    const port = sys.target(session.system);
    if (port.workOf === undefined) continue;
    const open = (await ledger.calls.open({ lane })).filter(
      ({ token, effect }) => token === session.token && effect.system === session.system,
    );
    for (const [object, calls] of Map.groupBy(open, ({ effect }) => effect.targetObject)) {
      const outcomes = await port.workOf(session.handle, object, calls.map(rowOf));
      const byEffect = new Map(calls.map((call) => [call.effect.id, call]));
      const answers = outcomes.flatMap((row): Answer[] => {
        const call = byEffect.get(row.effectId);
        if (call === undefined) return [];
        const targetId = 'id' in row ? row.id : null;
        return [{ effect: row.effectId, n: call.n, says: targetId === null ? 'absent' : 'applied', targetId, reason: null }];
      });
      const named = Map.groupBy(answers, ({ targetId }) => targetId);
      await ledger.calls.judge(
        answers.filter(({ targetId }) => targetId === null || named.get(targetId)?.length === 1),
        true,
      );
    }
  }
}

function rowOf({ effect: { id, operation, targetId, fields } }: OpenCall): WriteRow {
  return { effectId: id, operation, id: targetId, fields, stamp: null };
}
