import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Context } from '../deps.ts';
import { capabilityOf } from '../effects/proof.ts';

/** A record to be matched: its source key and what the mapping would write. */
export interface Unmatched {
  readonly sourceId: string;
  readonly desired: Fields;
}

/**
 * Records of the target that may be the one at hand: by our key first, all in one call; where nothing has the key, by the match rules in
 * order, the first that finds anything deciding. A record that already stands for another source record is still a candidate: it makes the match ambiguous.
 */
export async function findCandidates(
  context: Pick<Context, 'sys'>,
  object: ObjectPlan,
  records: readonly Unmatched[],
): Promise<ReadonlyMap<string, readonly TargetRecord[]>> {
  const port = context.sys.target(object.target.system);
  const { keyField } = capabilityOf(port.capabilities.objects, object.target.object);
  const keys = records.flatMap(({ desired }) => (typeof desired[keyField] === 'string' ? [desired[keyField]] : []));
  const byKey = keys.length === 0 ? [] : await port.findByKey(object.target.object, keys);
  const withKey = Map.groupBy(byKey, ({ key }) => key);
  const found = new Map<string, readonly TargetRecord[]>();
  for (const { sourceId, desired } of records) {
    const own = desired[keyField];
    found.set(sourceId, (typeof own === 'string' ? withKey.get(own) : undefined) ?? []);
  }
  for (const { all } of object.match) {
    const left = records.filter(({ sourceId }) => found.get(sourceId)?.length === 0);
    const criteria = left.map(({ desired }) => Object.fromEntries(all.map((field) => [field, searchable(desired, field)])));
    const matches = left.length === 0 ? [] : await port.findByFields(object.target.object, criteria);
    for (const [index, { sourceId }] of left.entries()) found.set(sourceId, matches[index] ?? []);
  }
  return found;
}

/** A field by name; fields of a first nested entry (`addresses.postalCode`) are named by the last part, as the adapters search them. */
function searchable(desired: Fields, field: string): Fields[string] {
  const own = desired[field];
  if (own !== undefined) return own;
  for (const value of Object.values(desired)) {
    const first: unknown = Array.isArray(value) ? value[0] : null;
    if (typeof first === 'object' && first !== null && field in first) return (first as Fields)[field] ?? null;
  }
  return null;
}
