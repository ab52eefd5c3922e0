import type { Fields } from '../../contracts/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { SourceName } from '../../ledger/owners.ts';
import { referredKeys, type Resolve } from '../../records/mapping.ts';
import type { Context } from '../deps.ts';
import { capabilityOf, keyText } from '../effects/proof.ts';

/** An object of the plan by name; throws where there is none (the plan check refuses such a plan). */
export function objectOf(context: Pick<Context, 'sys'>, name: string): ObjectPlan {
  const object = context.sys.plan.objects.find((candidate) => candidate.name === name);
  if (!object) throw new Error(`the plan has no object ${name}`);
  return object;
}

/**
 * The lookup for the references of these source records. A record in the same system is named by its id there; one in another system by its key,
 * because an id means nothing outside its own system.
 */
export async function resolverFor(
  context: Context,
  object: Pick<ObjectPlan, 'fields'> & { readonly target: Pick<ObjectPlan['target'], 'system'> },
  sources: readonly Fields[],
): Promise<Resolve> {
  const wanted = new Map<string, SourceName>();
  for (const { object: name, key } of sources.flatMap((source) => referredKeys(object.fields, source)))
    wanted.set(placeOf(name, key), { object: name, sourceId: key });
  const rows = await context.ledger.crosswalk.live(context.scope, [...wanted.values()]);
  const targets = new Map(rows.map((row) => [placeOf(row.object, row.sourceId), row.targetId]));
  const elsewhere = Map.groupBy(
    rows.filter(({ system }) => system !== object.target.system),
    (row) => row.object,
  );
  for (const [name, theirs] of elsewhere) {
    const names = await keysById(
      context,
      objectOf(context, name),
      theirs.map(({ targetId }) => targetId),
    );
    for (const { sourceId, targetId } of theirs) targets.set(placeOf(name, sourceId), names.get(targetId) ?? targetId);
  }
  return (name, key) => targets.get(placeOf(name, key)) ?? null;
}

/** Name of a source record among those of several objects; names of objects hold no space. */
function placeOf(object: string, key: string): string {
  return `${object} ${key}`;
}

async function keysById(context: Context, object: ObjectPlan, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const port = context.sys.target(object.target.system);
  const { keyField } = capabilityOf(port.capabilities.objects, object.target.object);
  const records = ids.length === 0 ? [] : await port.get(object.target.object, [...new Set(ids)]);
  return new Map(records.map((record) => [record.id, keyText(record.fields, keyField)]));
}
