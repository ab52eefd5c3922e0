import type { Fields } from '../../contracts/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import { contentHash } from '../../records/canonical.ts';
import { mapFields } from '../../records/mapping.ts';
import type { Context } from '../deps.ts';
import { fieldsSent, standingEffects } from '../effects/standing.ts';
import { resolverFor } from './references.ts';

/** A record whose source has moved on since it was last loaded or recognised. */
export interface Moved {
  readonly sourceId: string;
  readonly row: CrosswalkRow;
}

/**
 * What the target should hold of each record by its last load, whether we wrote it or found it there: the staged revision whose content the
 * crosswalk names, mapped again. Where the mapping no longer makes that content of any revision, only what our effects wrote is known.
 */
export async function baselinesOf(context: Context, object: ObjectPlan, moved: readonly Moved[]): Promise<ReadonlyMap<string, Fields>> {
  const keys = moved.map(({ sourceId }) => sourceId);
  if (keys.length === 0) return new Map();
  const [revisions, history] = await Promise.all([
    context.ledger.records.revisions(context.scope, object.name, keys),
    context.ledger.effects.history(context.scope, object.target.system, object.name, keys),
  ]);
  // A reference may have moved since: what it led to then is looked up by what the revision says.
  const resolve = await resolverFor(
    context,
    object,
    revisions.map(({ payload }) => payload),
  );
  const written = standingEffects(history);
  const byRecord = Map.groupBy(revisions, (revision) => revision.sourceId);
  return new Map(
    moved.map(({ sourceId, row }) => {
      const known = (byRecord.get(sourceId) ?? [])
        .map((revision) => mapFields(object.fields, revision.payload, resolve).fields)
        .find((fields) => contentHash(fields) === row.contentHash);
      return [sourceId, known ?? fieldsSent(written.get(sourceId) ?? [])];
    }),
  );
}
