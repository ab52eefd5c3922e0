import type { Fields } from '../../contracts/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
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
export async function resolverFor(context: Context, object: ObjectPlan, sources: readonly Fields[]): Promise<Resolve> {
  const wanted = new Map<string, Set<string>>();
  for (const { object: name, key } of sources.flatMap((source) => referredKeys(object.fields, source)))
    wanted.set(name, (wanted.get(name) ?? new Set()).add(key));
  const known = new Map<string, ReadonlyMap<string, string>>();
  for (const [name, keys] of wanted) {
    const referenced = objectOf(context, name);
    const rows = (await context.ledger.crosswalk.bySource(context.scope, name, [...keys])).filter((row) => row.state === 'live');
    const names =
      referenced.target.system === object.target.system
        ? null
        : await keysById(
            context,
            referenced,
            rows.map((row) => row.targetId),
          );
    known.set(name, new Map(rows.map((row) => [row.sourceId, names === null ? row.targetId : (names.get(row.targetId) ?? row.targetId)])));
  }
  return (name, key) => known.get(name)?.get(key) ?? null;
}

async function keysById(context: Context, object: ObjectPlan, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const port = context.sys.target(object.target.system);
  const { keyField } = capabilityOf(port.capabilities.objects, object.target.object);
  const records = ids.length === 0 ? [] : await port.get(object.target.object, [...new Set(ids)]);
  return new Map(records.map((record) => [record.id, keyText(record.fields, keyField)]));
}
