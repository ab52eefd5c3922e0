import { sql, type Transaction } from 'kysely';
import { ofRecord } from './crosswalk-row.ts';
import type { PlainEffect } from './effect-row.ts';
import { enter, type Entry } from './entries.ts';
import { forgetTargets } from './owners.ts';
import { tableOf } from './rows.ts';

type Tx = Transaction<unknown>;
/** The source record of an effect, the target record it is about, and what it did there. */
const columnsOfEffect =
  'id text, scope text, object text, "sourceId" text, system text, "targetObject" text, "targetId" text, origin text, "contentHash" text, run text, wave text, lane bigint, undoes text';

/** The row that an effect enters for its record, once its target record is known; none where it enters none. */
export function entryOf({ id, targetId, origin, ...effect }: PlainEffect): readonly Entry[] {
  const { scope, run, wave, object, sourceId, system, targetObject, contentHash } = effect;
  return targetId === null || origin === null
    ? []
    : [{ scope, run, wave, object, sourceId, system, targetObject, targetId, origin, liveEffect: id, contentHash }];
}

/** Of these effects the ids of those whose source record already stands for another target record than theirs. */
export async function othersNamed(tx: Tx, effects: readonly PlainEffect[]): Promise<ReadonlySet<string>> {
  const asked = effects.filter(({ targetId }) => targetId !== null);
  if (asked.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`select r.id from ${tableOf(asked, columnsOfEffect)}
    join crosswalk c on ${ofRecord} and c.target_id <> r."targetId" order by c.id for update of c`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** Brings the crosswalk in line with applied effects. */
export async function followEffects(tx: Tx, effects: readonly PlainEffect[]): Promise<void> {
  const ways = new Map<Way, PlainEffect[]>();
  for (const effect of effects.filter(({ targetId }) => targetId !== null)) {
    const way = wayOf(effect);
    if (way !== null) ways.set(way, [...(ways.get(way) ?? []), effect]);
  }
  for (const [way, some] of ways) await follow[way](tx, some);
}

/** What an applied effect does to the row of its record. */
type Way = 'retire' | 'switchOff' | 'switchOn' | 'enter' | 'renew';

function wayOf({ operation, undoes, origin }: PlainEffect): Way | null {
  if (operation === 'delete') return 'retire';
  if (operation === 'reactivate') return 'switchOn';
  // A record retired after the switch stays the one its source means; only an undo takes it out of use.
  if (operation === 'deactivate' && undoes !== null) return 'switchOff';
  if (origin !== null) return 'enter';
  return operation === 'update' && undoes === null ? 'renew' : null;
}

const own = sql`${ofRecord} and c.target_id = r."targetId"`;

const follow: Readonly<Record<Way, (tx: Tx, effects: readonly PlainEffect[]) => Promise<void>>> = {
  async retire(tx, effects) {
    await sql`update crosswalk c set state = 'retired' from ${tableOf(effects, columnsOfEffect)} where ${own}`.execute(tx);
    await forgetTargets(tx, effects);
  },
  // Whoever brings a record back into use is asked about it from then on: an earlier run may have left it. An undo gives it back to whom it had.
  async switchOn(tx, effects) {
    await sql`update crosswalk c set state = 'live', live_effect = r.id, run = case when r.undoes is null then r.run else c.run end,
      wave = case when r.undoes is null then r.wave else c.wave end from ${tableOf(effects, columnsOfEffect)} where ${own}`.execute(tx);
  },
  async switchOff(tx, effects) {
    await sql`update crosswalk c set state = 'deactivated', live_effect = r.id from ${tableOf(effects, columnsOfEffect)} where ${own}`.execute(
      tx,
    );
  },
  enter: (tx, effects) => enter(tx, effects.flatMap(entryOf)),
  async renew(tx, effects) {
    // Only a load brings the content of the source; a switch writes the pointer beside it.
    await sql`update crosswalk c set live_effect = r.id, content_hash = r."contentHash" from ${tableOf(effects, columnsOfEffect)} where ${own}
      and exists (select 1 from lane where id = r.lane and kind = 'load')`.execute(tx);
  },
};
