import { sql, type Transaction } from 'kysely';
import { mayCall, openStatuses, type EffectStatus } from '../domain/effects/outcome.ts';
import type { NewEffect } from './effect-row.ts';
import { reserveTargets, type Claimed, type SourceName } from './owners.ts';
import { tableOf } from './rows.ts';
import { seal } from './sealed.ts';
import type { LaneToken } from './tokens.ts';

/** What an intent transaction opened, and what it may never open: effects on target records that stand for another source record. */
export interface Intent {
  readonly opened: readonly { readonly id: string; readonly n: number }[];
  readonly taken: readonly { readonly id: string; readonly owner: SourceName }[];
}

type Tx = Transaction<unknown>;

/** Written into the statement, so that the planner can use the index of open effects. */
const open = sql.join(openStatuses.map((status) => sql.lit(status)));

/**
 * Writes the intents of a batch and opens one call each, in a number of statements that does not depend on how many there are. The caller has proved
 * the lane's token in this transaction. Effects on target records that stand for another source record are returned as taken.
 */
export async function writeIntents(tx: Tx, lane: LaneToken, effects: readonly NewEffect[], timeoutMs: number): Promise<Intent> {
  const wanted = effects.flatMap((effect) => (effect.undoes === null ? claimOf(lane.scope, effect) : []));
  const owners = await reserveTargets(tx, wanted);
  const taken = wanted.flatMap(({ id }, index) => (owners[index] == null ? [] : [{ id, owner: owners[index] }]));
  const refused = new Set(taken.map(({ id }) => id));
  const free = await mayOpen(
    tx,
    lane,
    effects.filter(({ id }) => !refused.has(id)),
  );
  const opened = new Set([...(await insertIntents(tx, lane, free.fresh)), ...(await renewIntents(tx, lane, [...free.known.keys()]))]);
  const calls = [...free.fresh.map(({ id }) => ({ id, n: 1 })), ...[...free.known].map(([id, last]) => ({ id, n: last + 1 }))].filter(
    ({ id }) => opened.has(id),
  );
  if (calls.length > 0)
    await sql`insert into call (effect, n, token, timeout_ms) select r.id, r.n, ${lane.token}, ${timeoutMs} from ${tableOf(calls, 'id text, n int')}`.execute(
      tx,
    );
  return { opened: calls, taken };
}

/** The claim of an effect on the target record it writes to; none of a create, whose target record is not there yet. */
export function claimOf(
  scope: string,
  effect: Pick<NewEffect, 'id' | keyof SourceName | 'system' | 'targetObject' | 'targetId'>,
): (Claimed & { id: string })[] {
  const { id, system, targetObject, targetId, object, sourceId } = effect;
  return targetId === null ? [] : [{ id, scope, system, targetObject, targetId, object, sourceId }];
}

/** Effects that may be called now: those new to the ledger, and those it knows whose calls all wrote nothing, each with the number of its last call. */
interface Openable {
  readonly fresh: readonly NewEffect[];
  readonly known: ReadonlyMap<string, number>;
}

/** Of these effects the ones without an open or standing outcome, on records that no other effect holds; of two on one record the first. */
async function mayOpen(tx: Tx, lane: LaneToken, effects: readonly NewEffect[]): Promise<Openable> {
  if (effects.length === 0) return { fresh: [], known: new Map() };
  const { rows } = await sql<{ id: string; status: EffectStatus; hash: string; last: number }>`
    select e.id, e.status, e.content_hash as hash, coalesce((select max(n) from call c where c.effect = e.id), 0) as last
    from effect e where e.id = any(${effects.map(({ id }) => id)}) order by e.id for no key update`.execute(tx);
  const ledger = new Map(rows.map((row) => [row.id, row]));
  const busy = await busyAmong(tx, lane, effects);
  const records = new Set<string>();
  const some = effects.filter((effect) => {
    const row = ledger.get(effect.id);
    const record = JSON.stringify([effect.system, effect.targetObject, effect.sourceId]);
    if (busy.has(effect.id) || records.has(record) || (row && (row.hash !== effect.contentHash || !mayCall(row.status)))) return false;
    records.add(record);
    return true;
  });
  return {
    fresh: some.filter(({ id }) => !ledger.has(id)),
    known: new Map(some.flatMap(({ id }) => (ledger.has(id) ? [[id, ledger.get(id)?.last ?? 0] as const] : []))),
  };
}

/**
 * Effects whose record another effect holds: an open one, or (for a forward effect) one of this attempt that ended as ambiguous. Both are asked in one
 * statement, so that an effect which just ends is seen as the one or as the other.
 */
async function busyAmong(tx: Tx, lane: LaneToken, effects: readonly NewEffect[]): Promise<ReadonlySet<string>> {
  const asked = effects.map(({ id, system, targetObject, sourceId, undoes }) => ({
    ...{ id, system, target: targetObject, source: sourceId },
    forward: undoes === null,
  }));
  const same = sql`o.scope = ${lane.scope} and o.system = r.system and o.target_object = r.target and o.source_id = r.source and o.id <> r.id`;
  const { rows } = await sql<{ id: string }>`
    select r.id from ${tableOf(asked, 'id text, system text, target text, source text, forward boolean')}
    cross join lateral (
      (select 1 from effect o where ${same} and o.status in (${open}) limit 1) union all
      (select 1 from effect o where r.forward and ${same} and o.status = 'ambiguous' and o.run = ${lane.run} and o.wave = ${lane.wave}
        and o.attempt = ${lane.attempt} limit 1)) held`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/**
 * Inserts new intents; where another effect holds the record open, or another transaction was faster, the index of open effects leaves them out.
 * Returns the ids of those inserted.
 */
async function insertIntents(tx: Tx, lane: LaneToken, effects: readonly NewEffect[]): Promise<readonly string[]> {
  if (effects.length === 0) return [];
  const rows = effects.map((effect) => ({
    ...effect,
    fields: seal(effect.fields),
    before: effect.before === null ? null : seal(effect.before),
  }));
  const inserted = await sql<{ id: string }>`
    insert into effect (id, scope, run, wave, attempt, lane, system, object, target_object, source_id, operation, revision, content_hash, fields, before_image, target_id, origin, undoes, status)
    select r.id, ${lane.scope}, ${lane.run}, ${lane.wave}, ${lane.attempt}, ${lane.lane}, r.system, r.object, r."targetObject", r."sourceId", r.operation, r.revision, r."contentHash",
      r.fields, r.before, r."targetId", r.origin, r.undoes, 'intended'
    from ${tableOf(
      rows,
      'id text, system text, object text, "targetObject" text, "sourceId" text, operation text, revision int, "contentHash" text, fields text, before text, "targetId" text, origin text, undoes text',
    )} order by r.place on conflict do nothing returning id`.execute(tx);
  return inserted.rows.map(({ id }) => id);
}

/**
 * Opens known effects again, unless another effect holds the record open. They go to the lane that calls: its sessions are the ones to fence. Returns
 * the ids of those opened.
 */
async function renewIntents(tx: Tx, lane: LaneToken, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    update effect e set status = 'intended', lane = ${lane.lane}, reason = null, intended_at = clock_timestamp() where e.id = any(${[...ids]})
      and not exists (select 1 from effect o where o.scope = e.scope and o.system = e.system and o.target_object = e.target_object and o.source_id = e.source_id
        and o.id <> e.id and o.status in (${open})) returning e.id`.execute(tx);
  return rows.map(({ id }) => id);
}
