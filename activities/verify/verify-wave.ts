import type { WaveRef } from '../../contracts/messages.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CreateRow } from '../../ledger/effect-row.ts';
import type { NewException } from '../../ledger/exceptions.ts';
import { lateAccounts, stayingAccounts } from '../accounts/staying.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { atTheirTarget } from '../at-target.ts';
import { toldPages } from '../pulse.ts';
import { doublesAmong, readUnderKeys } from '../load/doubles.ts';
import { releaseStaying } from '../waves/freeze.ts';
import { measureUnexplained } from './metrics.ts';
import { Sight } from './sight.ts';

/**
 * Verifies a loaded wave: every record of the source accounted for in count and money, read back from the target by id; no second record of
 * ours under any key; accounts that turned out ambiguous are opened again in legacy. Stores the equations as evidence. `late` accounts came right only
 * behind the freeze, which is to take them in before anybody is asked.
 */
export function verifyWave(deps: Deps) {
  return async (ref: WaveRef): Promise<{ unexplained: number; exceptions: number; late: number }> => {
    const context = await contextOf(deps, ref);
    const released = await releaseStaying(context, ref, await stayingAccounts(context, ref.wave));
    const { length: late } = await lateAccounts(context, ref.wave);
    const { effects } = deps.ledger;
    const created = toldPages('second records of ours', effects.creates(ref.run, ref.wave, ref.attempt), () =>
      effects.countCreates(ref.run, ref.wave, ref.attempt),
    );
    for await (const doubles of atTheirTarget(context, created, (creates) => doublesOf(context, creates)))
      await deps.ledger.exceptions.open(ref.run, ref.wave, doubles);
    const sight = new Sight(context, { wave: ref.wave, attempt: ref.attempt, whole: false });
    const all = await sight.equations();
    const { bad: unexplained } = measureUnexplained(all);
    const { length: exceptions } = await sight.exceptions();
    await deps.ledger.trail.note(ref.run, ref.wave, 'verified', {
      unexplained,
      exceptions,
      released,
      late,
      attempt: ref.attempt,
      equations: all,
    });
    return { unexplained, exceptions, late };
  };
}

function moved({ plan }: Pick<Context['sys'], 'plan'>): readonly ObjectPlan[] {
  return plan.objects.filter(({ mode }) => mode === 'move');
}

/** Second records of ours under the keys of these creates, each as an exception. */
async function doublesOf(context: Context, creates: readonly CreateRow[]): Promise<readonly NewException[]> {
  const found: NewException[] = [];
  for (const object of moved(context.sys)) {
    const own = creates.filter(({ object: name, status, undoes }) => name === object.name && status === 'applied' && undoes === null);
    const doubles = own.length === 0 ? [] : await doublesAmong(context, object, await readUnderKeys(context, object, own));
    found.push(
      ...doubles.map(({ effect, record }): NewException => ({
        object: object.name,
        sourceId: effect.sourceId,
        account: null,
        kind: 'double',
        message: 'The target holds a second record of ours under this key.',
        candidates: [record.id],
      })),
    );
  }
  return found;
}
