import type { WaveRef } from '../../contracts/messages.ts';
import { Overtaken } from '../../domain/waves/moved-on.ts';
import type { Order } from '../../ledger/acts.ts';
import type { CreateRow, ProvableCreate } from '../../ledger/effect-row.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { atTheirTarget } from '../at-target.ts';
import { capabilityOf, keyText, measureClock, proofOf } from '../effects/proof.ts';

/**
 * Searches by key for every record of the wave that ever had an intent (P7). One of ours that still stands, and is not known to be kept, is put
 * back among the applied effects, so that the next round undoes it. Done needs a search that finds nothing. One that slept while the way back went on puts
 * nothing back: it is made again.
 */
export function searchLeftovers(deps: Deps) {
  return async (ref: WaveRef): Promise<number> => {
    const context = await contextOf(deps, ref);
    const act = await deps.ledger.acts.allow(ref, 'takeBack');
    if (act === null) return 0;
    let found = 0;
    const pages = deps.ledger.effects.creates(ref.run, ref.wave, ref.attempt);
    for await (const some of atTheirTarget(context, pages, (creates) => searchPage(context, { ...ref, ...act }, creates))) found += some;
    for (const late of await deps.ledger.late.open(ref.run, ref.wave))
      await deps.ledger.late.close(late.id, found > 0 ? 'found by the search and undone' : 'undone, or never there');
    return found;
  };
}

/** A search of a wave's attempt, and the number of the act by which it was allowed. */
type Search = WaveRef & Pick<Order, 'order'>;

async function searchPage(context: Context, ref: Search, creates: readonly CreateRow[]): Promise<number> {
  let found = 0;
  for (const some of Map.groupBy(creates, (effect) => JSON.stringify([effect.system, effect.targetObject])).values())
    found += await searchObject(context, ref, some);
  return found;
}

async function searchObject(context: Context, { run, wave, attempt, order }: Search, creates: readonly CreateRow[]): Promise<number> {
  const [sample] = creates;
  if (!sample) return 0;
  const port = context.sys.target(sample.system);
  const capability = capabilityOf(port.capabilities.objects, sample.targetObject);
  const keyOf = (effect: CreateRow): string => keyText(effect.fields, capability.keyField);
  await measureClock(context, sample.system);
  const records = await port.findByKey(sample.targetObject, [...new Set(creates.map(keyOf))]);
  const byKey = Map.groupBy(creates, keyOf);
  const ids = records.map(({ id }) => id);
  if (ids.length === 0) return 0;
  const ended = await context.ledger.effects.keptAmong({ ...sample, run, wave, attempt }, ids);
  const known = Map.groupBy(
    await context.ledger.crosswalk.byTarget(context.scope, sample.system, sample.targetObject, ids),
    ({ targetId }) => targetId,
  );
  const suspects = records.flatMap(({ key }) => (byKey.get(key) ?? []).map(({ id }) => id));
  const provable = new Map((await context.ledger.effects.provable(suspects)).map((effect) => [effect.id, effect]));
  const isOurs = await proofOf(context, sample.system, capability, [...provable.values()]);
  const gone = await goneWithAnotherWave(context, wave, [...provable.values()]);
  let found = 0;
  for (const record of records) {
    const own = (byKey.get(record.key) ?? []).flatMap(({ id }) => provable.get(id) ?? []);
    const effect = own.find((one) => isOurs(record, one));
    if (effect === undefined || gone.has(effect.id)) continue;
    if (
      ended.has(record.id) ||
      (known.get(record.id) ?? []).some((row) => row.run !== effect.run || row.wave !== effect.wave || row.state === 'kept')
    )
      continue;
    if (!(await context.ledger.effects.reopen(effect.id, record.id, order))) throw new Overtaken(wave, 'takeBack');
    found += 1;
  }
  return found;
}

/**
 * Of these creates the ids of those whose account goes with another wave of the run by now: what they made was taken back before it went, and what is found
 * is what that wave made, whether it knows that already or its answer is on the way.
 */
async function goneWithAnotherWave(
  { ledger, ref, scope }: Context,
  wave: string,
  creates: readonly ProvableCreate[],
): Promise<ReadonlySet<string>> {
  const joined = await ledger.joining.of(ref.run);
  if (joined.size === 0) return new Set();
  const gone = new Set<string>();
  for (const [object, some] of Map.groupBy(creates, (effect) => effect.object)) {
    const accounts = await ledger.records.accountsOf(
      scope,
      object,
      some.map(({ sourceId }) => sourceId),
    );
    for (const { id, sourceId } of some) if ((joined.get(accounts.get(sourceId) ?? '')?.wave ?? wave) !== wave) gone.add(id);
  }
  return gone;
}
