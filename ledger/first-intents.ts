import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { NewEffect } from './effect-row.ts';
import { lineColumns } from './rows.ts';
import { seal } from './sealed.ts';
import type { LaneToken } from './tokens.ts';

/** What effects of one statement have in common. */
const common = ['system', 'object', 'targetObject', 'operation', 'revision', 'origin'] as const;

/**
 * Writes the intents of a batch of creates and opens their first calls, in one statement, which proves the lane's token too. Each is the first effect
 * on its record, so that no other can be open there: where one is known, of whatever object with the same target, nothing is written, and of two that
 * come at the same moment both ask for turn 1. Turn 1 alone would prove nothing: an effect that is called again gives it up. Returns whether it did;
 * where it did not, it wrote nothing: the token is gone, a record had an effect before, or these are no such effects. Rejects with PostgreSQL's own
 * error where a record got its first effect at the same moment.
 */
export async function writeFirstIntents(db: Database, lane: LaneToken, effects: readonly NewEffect[], timeoutMs: number): Promise<boolean> {
  const [first] = effects;
  if (first === undefined || !effects.every((effect) => isFirstCreate(effect) && common.every((name) => effect[name] === first[name])))
    return false;
  const rows = lineColumns({
    id: effects.map(({ id }) => id),
    source: effects.map(({ sourceId }) => sourceId),
    hash: effects.map(({ contentHash }) => contentHash),
    fields: effects.map(({ fields }) => seal(fields)),
  });
  if (rows === null) return false;
  // The limit keeps the look at each record a look into the index, whatever the planner believes of the batch.
  const { numAffectedRows } = await sql`
    with held as materialized (select 1 from lane where id = ${lane.lane} and token = ${lane.token} for share),
      asked as materialized (select * from ${rows})
    insert into effect (id, scope, run, wave, attempt, lane, token, timeout_ms, system, object, target_object, source_id, operation, revision, content_hash, fields, origin, turn)
    select r.id, ${lane.scope}, ${lane.run}, ${lane.wave}, ${lane.attempt}, ${lane.lane}, ${lane.token}, ${timeoutMs}, ${first.system}, ${first.object},
      ${first.targetObject}, r.source, ${first.operation}, ${first.revision}, r.hash, r.fields, ${first.origin}, 1
    from held, asked r where not exists (select 1 from asked a cross join lateral (select 1 from effect o where o.source_id = a.source
      and o.target_object = ${first.targetObject} and o.system = ${first.system} and o.scope = ${lane.scope} limit 1) known)`.execute(db);
  return numAffectedRows === BigInt(effects.length);
}

function isFirstCreate({ operation, revision, before, targetId, undoes }: NewEffect): boolean {
  return operation === 'create' && revision === 1 && before === null && targetId === null && undoes === null;
}
