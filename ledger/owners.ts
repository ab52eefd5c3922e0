import { sql, type RawBuilder, type Transaction } from 'kysely';
import { leftStatuses, openStatuses, standingStatuses, type EffectStatus } from '../domain/effects/outcome.ts';
import { stands, standsNoMore } from './crosswalk-row.ts';
import type { Database } from './database.ts';
import { tableOf } from './rows.ts';

/** A record of the source, by the name of its object in the plan. */
export interface SourceName {
  readonly object: string;
  readonly sourceId: string;
}

/** The source record that a target record stands for. */
export interface Owner extends SourceName {
  /** It is no longer in the source. */
  readonly gone: boolean;
  /** The target record was made for it, and no rollback had to leave it: it goes with its owner. */
  readonly goesAlong: boolean;
}

/** A record of a target system, and the source record that wants to stand for it. */
export interface Claimed extends SourceName {
  readonly scope: string;
  readonly system: string;
  readonly targetObject: string;
  readonly targetId: string;
}

/** Whether the source record of an owner `o` vanished from the source. */
const isGone = sql<boolean>`exists (select 1 from record g where g.scope = o.scope and g.object = o.object and g.source_id = o.source_id
  and g.latest and g.disposition = 'gone')`;

/** Statuses of an effect that stands, or may still come to. */
const mayStand: readonly EffectStatus[] = [...openStatuses, 'ambiguous', ...standingStatuses];

/** Whether an owner `o` has no effect in these statuses on its target record. */
function without(statuses: readonly EffectStatus[]): RawBuilder<unknown> {
  return sql`not exists (select 1 from effect e where e.source_id = o.source_id and e.target_object = o.target_object and e.system = o.system
    and e.scope = o.scope and e.target_id = o.target_id and e.object = o.object and e.operation <> 'delete' and e.undoes is null
    and e.status = any(${statuses}))`;
}

/**
 * Which source record a target record stands for: at most one, from the first intent on (P12). It is a row of the crosswalk: the one that stands, or one
 * that is only reserved, or a retired one whose target record was not given up.
 */
export class Owners {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The source records that these target records stand for, by target id; those that nobody owns are absent. */
  async of(scope: string, system: string, targetObject: string, ids: readonly string[]): Promise<ReadonlyMap<string, SourceName>> {
    const { rows } = await sql<
      SourceName & { targetId: string }
    >`select target_id as "targetId", object, source_id as "sourceId" from crosswalk
      where owner and scope = ${scope} and system = ${system} and target_object = ${targetObject} and target_id = any(${[...ids]})`.execute(
      this.#db,
    );
    return new Map(rows.map(({ targetId, ...name }) => [targetId, name]));
  }

  /** The same with what becomes of their claims: asked where somebody else would take these target records. */
  async claims(scope: string, system: string, targetObject: string, ids: readonly string[]): Promise<ReadonlyMap<string, Owner>> {
    const { rows } = await sql<
      Owner & { targetId: string }
    >`select target_id as "targetId", object, source_id as "sourceId", ${isGone} as gone, o.state = 'live' and o.origin = 'created' and ${without(leftStatuses)} as "goesAlong" from crosswalk o where owner and scope = ${scope} and system = ${system} and target_object = ${targetObject} and target_id = any(${ids})`.execute(
      this.#db,
    );
    return new Map(rows.map(({ targetId, ...owner }) => [targetId, owner]));
  }

  /**
   * Lets source records that are gone give up these target records, which they were only recognised in: nothing of ours stands there, may still come to
   * stand, or was left by a rollback. Returns those who did, by target id.
   */
  async releaseGone(scope: string, system: string, targetObject: string, ids: readonly string[]): Promise<ReadonlyMap<string, SourceName>> {
    const { rows } = await sql<SourceName & { targetId: string }>`with free as materialized (select o.id from crosswalk o
        where o.owner and o.scope = ${scope} and o.system = ${system} and o.target_object = ${targetObject} and o.target_id = any(${[...ids]})
          and o.state in ('live', 'retired') and ${isGone} and ${without([...mayStand, ...leftStatuses])} order by o.target_id for update)
      update crosswalk c set state = 'retired', owner = false from free where c.id = free.id
      returning c.target_id as "targetId", c.object, c.source_id as "sourceId"`.execute(this.#db);
    return new Map(rows.map(({ targetId, ...owner }) => [targetId, owner]));
  }
}

type Tx = Transaction<unknown>;

const claimColumns = 'scope text, system text, "targetObject" text, "targetId" text, object text, "sourceId" text';

/** The owner `o` of the target record of a claim `r`. */
export const ownerOf = sql`o.owner and o.scope = r.scope and o.system = r.system and o.target_object = r."targetObject" and o.target_id = r."targetId"`;

/** The owner `o` of the target record of a claim `r`, of the same source record. */
export const claimed = sql`${ownerOf} and o.object = r.object and o.source_id = r."sourceId"`;

/** The order in which owners are written and locked. */
export const byTarget = sql`r.scope, r.system, r."targetObject", r."targetId", r.place`;

/**
 * Reserves target records, in the order of their ids; the same source record may enter again. Returns the owner of each that stands for another
 * source record, at the place of its claim. Every owner is locked until the transaction ends, so that none is released meanwhile.
 */
export async function reserveTargets(tx: Tx, claims: readonly Claimed[]): Promise<readonly (SourceName | null)[]> {
  if (claims.length === 0) return [];
  const wanted = tableOf(claims, claimColumns);
  for (;;) {
    await sql`insert into crosswalk (scope, system, target_object, target_id, object, source_id, state)
      select r.scope, r.system, r."targetObject", r."targetId", r.object, r."sourceId", 'reserved' from ${wanted}
      order by ${byTarget} on conflict do nothing`.execute(tx);
    const { rows } = await sql<SourceName & { place: number }>`select r.place, o.object, o.source_id as "sourceId" from ${wanted}
      join crosswalk o on ${ownerOf} order by ${byTarget} for no key update of o`.execute(tx);
    // An owner that was released between the two statements is asked for again.
    if (rows.length < claims.length) continue;
    const owners = new Map(rows.map(({ place, object, sourceId }) => [place, { object, sourceId }]));
    return claims.map((claim, index) => {
      const owner = owners.get(index);
      return owner === undefined || (owner.object === claim.object && owner.sourceId === claim.sourceId) ? null : owner;
    });
  }
}

/** The owner of each of these target records that stands for another source record than the one that claims it, at the place of its claim. */
export async function otherOwners(tx: Tx, claims: readonly Claimed[]): Promise<readonly (SourceName | null)[]> {
  if (claims.length === 0) return [];
  const { rows } = await sql<SourceName & { place: number }>`select r.place, o.object, o.source_id as "sourceId"
    from ${tableOf(claims, claimColumns)} join crosswalk o on ${ownerOf} where o.object <> r.object or o.source_id <> r."sourceId"`.execute(
    tx,
  );
  const owners = new Map(rows.map(({ place, object, sourceId }) => [place, { object, sourceId }]));
  return claims.map((_, place) => owners.get(place) ?? null);
}

/** Gives target records up where nothing of their owners stands or may still come to stand in them. */
export async function releaseTargets(tx: Tx, claims: readonly Claimed[]): Promise<void> {
  if (claims.length === 0) return;
  await giveUp(
    tx,
    claims,
    sql`not exists (select 1 from crosswalk c where c.scope = o.scope and c.object = o.object and c.source_id = o.source_id and c.system = o.system
        and c.target_object = o.target_object and c.target_id = o.target_id and c.state ${stands})
      and ${without(mayStand)}`,
  );
}

/** Forgets the owners of target records that are gone; their rows stand no more. */
export async function forgetTargets(tx: Tx, claims: readonly Omit<Claimed, 'targetId'>[]): Promise<void> {
  await giveUp(tx, claims, sql`o.state ${standsNoMore}`);
}

/** Gives up what these claims hold: a row that is only reserved goes, a retired one stays as what was. */
async function giveUp(tx: Tx, claims: readonly object[], free: RawBuilder<unknown>): Promise<void> {
  await sql`with free as materialized (select o.id, o.state from ${tableOf(claims, claimColumns)} join crosswalk o on ${claimed} where ${free} order by ${byTarget} for no key update of o),
      gone as (delete from crosswalk c using free where c.id = free.id and free.state = 'reserved')
    update crosswalk c set owner = false from free where c.id = free.id and free.state = 'retired'`.execute(tx);
}
