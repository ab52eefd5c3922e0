import type { WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CreateRow } from '../../ledger/effect-row.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { doublesAmong, readUnderKeys } from '../load/doubles.ts';
import { releaseBlocked } from '../waves/freeze.ts';
import { equations, measureMetric, measureUnexplained } from './metrics.ts';

/**
 * Verifies a loaded wave: every record of the source accounted for in count and money, read back from the target by id; no second record of
 * ours under any key; accounts that turned out ambiguous are opened again in legacy. Stores the equations as evidence.
 */
export function verifyWave(deps: Deps) {
  return async (ref: WaveRef): Promise<{ unexplained: number; exceptions: number }> => {
    const context = await contextOf(deps, ref);
    const released = await releaseBlocked(context, ref);
    const place = { wave: ref.wave, attempt: ref.attempt, whole: false };
    const objects = context.sys.plan.objects.filter(({ mode }) => mode === 'move');
    for await (const creates of deps.ledger.effects.creates(ref.run, ref.wave, ref.attempt))
      for (const object of objects) {
        for (const { effect, record } of await doublesOf(context, object, creates)) {
          await deps.ledger.exceptions.open(ref.run, ref.wave, [
            {
              object: object.name,
              sourceId: effect.sourceId,
              account: null,
              kind: 'double',
              message: 'The target holds a second record of ours under this key.',
              candidates: [record.id],
            },
          ]);
        }
      }
    const all = await equations(context, place);
    const { bad: unexplained } = measureUnexplained(all);
    const { bad: exceptions } = await measureMetric(context, 'openExceptions', place);
    await deps.ledger.trail.note(ref.run, ref.wave, 'verified', {
      unexplained,
      exceptions,
      released,
      attempt: ref.attempt,
      equations: all,
    });
    return { unexplained, exceptions };
  };
}

/** Second records of ours under the keys of these creates, of those of one object. */
async function doublesOf(
  context: Context,
  object: ObjectPlan,
  creates: readonly CreateRow[],
): Promise<Awaited<ReturnType<typeof doublesAmong>>> {
  const own = creates.filter(({ object: name, status, undoes }) => name === object.name && status === 'applied' && undoes === null);
  return own.length === 0 ? [] : doublesAmong(context, object, await readUnderKeys(context, object, own));
}
