import { sql, type RawBuilder, type Transaction } from 'kysely';
import { stands, standsNoMore } from './crosswalk-row.ts';
import type { Database } from './database.ts';
import { tableOf } from './rows.ts';

/** A record of the source, by the name of its object in the plan. */
export interface SourceName {
  readonly object: string;
  readonly sourceId: string;
}

/** A record of a target system, and the source record that wants to stand for it. */
export interface Claimed extends SourceName {
  readonly scope: string;
  readonly system: string;
  readonly targetObject: string;
  readonly targetId: string;
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

  /** Owners of these target records, by target id; those that nobody owns are absent. */
  async of(scope: string, system: string, targetObject: string, ids: readonly string[]): Promise<ReadonlyMap<string, SourceName>> {
    const { rows } = await sql<
      SourceName & { targetId: string }
    >`select target_id as "targetId", object, source_id as "sourceId" from crosswalk where owner and scope = ${scope} and system = ${system} and target_object = ${targetObject} and target_id = any(${ids})`.execute(
      this.#db,
    );
    return new Map(rows.map(({ targetId, object, sourceId }) => [targetId, { object, sourceId }]));
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
      and not exists (select 1 from effect e where e.source_id = o.source_id and e.target_object = o.target_object and e.system = o.system and e.scope = o.scope
        and e.target_id = o.target_id and e.object = o.object and e.operation <> 'delete' and e.undoes is null
        and e.status in ('intended', 'unknown', 'ambiguous', 'applied', 'unchanged'))`,
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
