import type { WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Deps } from '../deps.ts';
import { findDoubles } from '../load/doubles.ts';
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
        for (const { effect, record } of await findDoubles(
          context,
          object,
          creates.filter((candidate) => candidate.status === 'applied'),
        )) {
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
