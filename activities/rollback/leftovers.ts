import type { WaveRef } from '../../contracts/messages.ts';
import type { EffectRow } from '../../ledger/effect-row.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { capabilityOf, keyText, measureClock, oursAmong } from '../effects/proof.ts';

/**
 * Searches by key for every record of the wave that ever had an intent (P7). One of ours that still stands, and is not known to be kept, is put
 * back among the applied effects, so that the next round undoes it. Done needs a search that finds nothing.
 */
export function searchLeftovers(deps: Deps) {
  return async (ref: WaveRef): Promise<number> => {
    const context = await contextOf(deps, ref);
    if ((await deps.ledger.acts.allow(ref, 'takeBack')) === null) return 0;
    let found = 0;
    for await (const creates of deps.ledger.effects.creates(ref.run, ref.wave, ref.attempt))
      for (const some of Map.groupBy(creates, (effect) => JSON.stringify([effect.system, effect.targetObject])).values())
        found += await searchObject(context, some);
    for (const late of await deps.ledger.late.open(ref.run, ref.wave))
      await deps.ledger.late.close(late.id, found > 0 ? 'found by the search and undone' : 'undone, or never there');
    return found;
  };
}

async function searchObject(context: Context, creates: readonly EffectRow[]): Promise<number> {
  const [sample] = creates;
  if (!sample) return 0;
  const port = context.sys.target(sample.system);
  const capability = capabilityOf(port.capabilities.objects, sample.targetObject);
  const keyOf = (effect: EffectRow): string => keyText(effect.fields, capability.keyField);
  await measureClock(context, sample.system);
  const records = await port.findByKey(sample.targetObject, [...new Set(creates.map(keyOf))]);
  const byKey = Map.groupBy(creates, keyOf);
  const ids = records.map(({ id }) => id);
  const ended = await context.ledger.effects.keptAmong(sample, ids);
  const known = Map.groupBy(
    await context.ledger.crosswalk.byTarget(context.scope, sample.system, sample.targetObject, ids),
    ({ targetId }) => targetId,
  );
  let found = 0;
  for (const record of records) {
    const effect = await oursAmong(context, record, capability, byKey.get(record.key) ?? []);
    if (effect === null) continue;
    if (
      ended.has(record.id) ||
      (known.get(record.id) ?? []).some((row) => row.run !== effect.run || row.wave !== effect.wave || row.state === 'kept')
    )
      continue;
    await context.ledger.effects.reopen(effect.id, record.id);
    found += 1;
  }
  return found;
}
