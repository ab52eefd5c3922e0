import { sql, type RawBuilder, type Transaction } from 'kysely';
import { mayCall, openStatuses, type EffectStatus } from '../domain/effects/outcome.ts';
import type { NewEffect } from './effect-row.ts';
import { reserveTargets, type Claimed, type SourceName } from './owners.ts';
import { linesOf, tableOf } from './rows.ts';
import { seal } from './sealed.ts';
import type { LaneToken } from './tokens.ts';

/**
 * What an intent transaction opened; what it may never open: effects on target records that stand for another source record; and what it opens once a call
 * that is open on its record is settled. What is in none of these has ended, or its record is held by an effect that ended as ambiguous.
 */
export interface Intent {
  readonly opened: readonly { readonly id: string; readonly n: number }[];
  readonly taken: readonly { readonly id: string; readonly owner: SourceName }[];
  readonly barred: readonly string[];
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
  const asked = effects.filter(({ id }) => !refused.has(id));
  const at = { lane, timeoutMs };
  // Most effects are new, on records that nothing holds: they are written at once, and only what is left is looked at.
  const inserted = await insertIntents(tx, at, firstOfEach(asked));
  const free = await mayOpen(
    tx,
    lane,
    asked.filter(({ id }) => !inserted.has(id)),
  );
  for (const id of await insertIntents(tx, at, free.fresh)) inserted.add(id);
  const calls = new Map([...[...inserted].map((id) => [id, 1] as const), ...(await renewIntents(tx, at, free.known))]);
  const barred = asked.flatMap(({ id, undoes }) => (undoes !== null || calls.has(id) || free.ended.has(id) ? [] : [id]));
  return { opened: [...calls].map(([id, n]) => ({ id, n })), taken, barred };
}

/** Of the effects of each record the first. */
function firstOfEach(effects: readonly NewEffect[]): readonly NewEffect[] {
  return [...new Map(effects.toReversed().map((effect) => [recordOf(effect), effect])).values()].toReversed();
}

function recordOf({ system, targetObject, sourceId }: NewEffect): string {
  return JSON.stringify([system, targetObject, sourceId]);
}

/** The claim of an effect on the target record it writes to; none of a create, whose target record is not there yet. */
export function claimOf(
  scope: string,
  effect: Pick<NewEffect, 'id' | keyof SourceName | 'system' | 'targetObject' | 'targetId'>,
): (Claimed & { id: string })[] {
  const { id, system, targetObject, targetId, object, sourceId } = effect;
  return targetId === null ? [] : [{ id, scope, system, targetObject, targetId, object, sourceId }];
}

/**
 * Effects that may be called now: those new to the ledger, and those it knows whose calls all wrote nothing; and ids of those that wait for nothing: they
 * have ended otherwise, or their record is held by an ambiguous one.
 */
interface Openable {
  readonly fresh: readonly NewEffect[];
  readonly known: readonly NewEffect[];
  readonly ended: ReadonlySet<string>;
}

/** Of these effects the ones without an open or standing outcome, on records that no other effect holds; of two on one record the first. */
async function mayOpen(tx: Tx, lane: LaneToken, effects: readonly NewEffect[]): Promise<Openable> {
  if (effects.length === 0) return { fresh: [], known: [], ended: new Set() };
  const { rows } = await sql<{ id: string; status: EffectStatus; hash: string }>`
    select e.id, e.status, e.content_hash as hash from effect e where e.id = any(${effects.map(({ id }) => id)}) order by e.id for no key update`.execute(
    tx,
  );
  const ledger = new Map(rows.map((row) => [row.id, row]));
  const busy = await busyAmong(tx, lane, effects);
  const records = new Set<string>();
  const ended = new Set<string>();
  const some = effects.filter((effect) => {
    const row = ledger.get(effect.id);
    const record = recordOf(effect);
    const hasEnded = row !== undefined && (row.hash !== effect.contentHash || !mayCall(row.status));
    if ((hasEnded && !openStatuses.includes(row.status)) || busy.get(effect.id) === 'ambiguous') ended.add(effect.id);
    if (busy.has(effect.id) || records.has(record) || hasEnded) return false;
    records.add(record);
    return true;
  });
  return { fresh: some.filter(({ id }) => !ledger.has(id)), known: some.filter(({ id }) => ledger.has(id)), ended };
}

/** An effect `o` on the record of an effect `r`. */
const sameRecord = (lane: LaneToken): RawBuilder<unknown> =>
  sql`o.source_id = r."sourceId" and o.target_object = r."targetObject" and o.system = r.system and o.scope = ${lane.scope}`;

/**
 * An effect `o` that holds its record against `r`: an open one, of whatever object with the same target; or (against a forward effect) one of the same
 * object and attempt that ended as ambiguous: only about that one are people told.
 */
const holds = (lane: LaneToken): RawBuilder<unknown> =>
  sql`(o.status in (${open}) or o.status = 'ambiguous' and r.undoes is null and o.object = r.object and o.run = ${lane.run} and o.wave = ${lane.wave} and o.attempt = ${lane.attempt})`;

/**
 * Effects whose record another effect holds, and as what. What is open and what is ambiguous are asked in one statement, so that an effect which just ends is
 * seen as the one or as the other.
 */
async function busyAmong(tx: Tx, lane: LaneToken, effects: readonly NewEffect[]): Promise<ReadonlyMap<string, 'open' | 'ambiguous'>> {
  const { rows } = await sql<{ id: string; held: 'open' | 'ambiguous' }>`
    select r.id, case when bool_or(o.status = 'ambiguous') then 'ambiguous' else 'open' end as held from ${tableOf(
      effects.map(({ id, system, object, targetObject, sourceId, undoes }) => ({ id, system, object, targetObject, sourceId, undoes })),
      'id text, system text, object text, "targetObject" text, "sourceId" text, undoes text',
    )} join effect o on ${sameRecord(lane)} and o.id <> r.id and ${holds(lane)} group by r.id`.execute(tx);
  return new Map(rows.map(({ id, held }) => [id, held]));
}

/** Whose calls are opened, and how long one may take. */
interface Opening {
  readonly lane: LaneToken;
  readonly timeoutMs: number;
}

/**
 * Inserts new intents with their first calls, none on a record that another effect holds. The turn of an effect is one more than that of the last on
 * its record: of two transactions that ask for one record at the same time the slower one finds its turn taken. Returns the ids of those inserted.
 */
async function insertIntents(tx: Tx, { lane, timeoutMs }: Opening, effects: readonly NewEffect[]): Promise<Set<string>> {
  if (effects.length === 0) return new Set();
  const fields = effects.map((effect) => seal(effect.fields));
  const befores = effects.map(({ before }) => (before === null ? null : seal(before)));
  const inserted = await sql<{ id: string }>`
    insert into effect (id, scope, run, wave, attempt, lane, token, timeout_ms, system, object, target_object, source_id, operation, revision, content_hash, fields, before_image, target_id, origin, undoes, turn)
    select r.id, ${lane.scope}, ${lane.run}, ${lane.wave}, ${lane.attempt}, ${lane.lane}, ${lane.token}, ${timeoutMs}, r.system, r.object, r."targetObject", r."sourceId", r.operation, r.revision,
      r."contentHash", f.text, b.text, r."targetId", r.origin, r.undoes, coalesce(record.turn, 0) + 1
    from ${tableOf(
      effects,
      'id text, system text, object text, "targetObject" text, "sourceId" text, operation text, revision int, "contentHash" text, "targetId" text, origin text, undoes text',
    )} left join ${linesOf('f', fields)} on f.number = r.place + 1 left join ${linesOf('b', befores)} on b.number = r.place + 1
    cross join lateral (select max(o.turn) as turn, coalesce(bool_or(${holds(lane)}), false) as held from effect o where ${sameRecord(lane)}) record
    where not record.held order by r.place on conflict do nothing returning id`.execute(tx);
  return new Set(inserted.rows.map(({ id }) => id));
}

/**
 * Opens further calls of known effects, unless another effect holds the record open, and puts the call before aside. They go to the lane that calls:
 * its sessions are the ones to fence. The record before them is the one they bring along. Returns the number of each call opened.
 */
async function renewIntents(
  tx: Tx,
  { lane, timeoutMs }: Opening,
  effects: readonly NewEffect[],
): Promise<readonly (readonly [string, number])[]> {
  if (effects.length === 0) return [];
  const ids = effects.map(({ id }) => id);
  const befores = effects.map(({ before }) => (before === null ? null : seal(before)));
  const same = sql`o.source_id = e.source_id and o.target_object = e.target_object and o.system = e.system and o.scope = e.scope`;
  const { rows } = await sql<{ id: string; n: number }>`
    with ready as (select e.* from effect e where e.id = any(${ids}) and not exists (select 1 from effect o where ${same} and o.id <> e.id and o.status in (${open}))),
      aside as (insert into call (effect, n, token, intended_at, timeout_ms, closed, closed_at) select id, n, token, intended_at, timeout_ms, closed, closed_at from ready)
    update effect e set status = 'intended', lane = ${lane.lane}, token = ${lane.token}, timeout_ms = ${timeoutMs}, n = e.n + 1, closed = null, closed_at = null, reason = null,
      intended_at = clock_timestamp(), turn = (select max(o.turn) + 1 from effect o where ${same}), before_image = b.text
    from ready join ${tableOf(effects, 'id text')} on r.id = ready.id left join ${linesOf('b', befores)} on b.number = r.place + 1
    where ready.id = e.id returning e.id, e.n`.execute(tx);
  return rows.map(({ id, n }) => [id, n] as const);
}
