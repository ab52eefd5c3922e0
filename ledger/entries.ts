import { recordText } from '../domain/exceptions/key-text.ts';
import { sql, type RawBuilder, type Transaction } from 'kysely';
import { ofRecord, stands, standsNoMore, type CrosswalkRow } from './crosswalk-row.ts';
import { byTarget, claimed, type Claimed } from './owners.ts';
import { tableOf } from './rows.ts';

type Tx = Transaction<unknown>;

/** A row of the crosswalk to be: live, and the owner of its target record. */
export interface Entry extends Claimed, Pick<CrosswalkRow, 'origin' | 'liveEffect' | 'contentHash' | 'run' | 'wave'> {}

const entryColumns =
  'scope text, object text, "sourceId" text, system text, "targetObject" text, "targetId" text, origin text, "liveEffect" text, "contentHash" text, run text, wave text';

type Name = Pick<Entry, 'object' | 'sourceId' | 'system'>;

/** Entries without those whose source records are among these. */
function without<T extends Name>(entries: readonly T[], names: readonly Name[]): readonly T[] {
  const known = new Set(names.map(nameOf));
  return entries.filter((entry) => !known.has(nameOf(entry)));
}

function nameOf({ object, sourceId, system }: Name): string {
  return JSON.stringify([object, sourceId, system]);
}

const insertion = (entries: readonly Entry[]): RawBuilder<unknown> =>
  sql`insert into crosswalk (scope, object, source_id, system, target_object, target_id, origin, live_effect, content_hash, run, wave)
    select r.scope, r.object, r."sourceId", r.system, r."targetObject", r."targetId", r.origin, r."liveEffect", r."contentHash", r.run, r.wave
    from ${tableOf(entries, entryColumns)} order by ${byTarget}`;

/** Enters what nothing stands in the way of: neither a row of the source record nor an owner of the target record. Returns the entries that are left. */
export async function enterNew<T extends Entry>(tx: Tx, entries: readonly T[]): Promise<readonly T[]> {
  if (entries.length === 0) return [];
  const { rows } = await sql<Name>`${insertion(entries)} on conflict do nothing returning object, source_id as "sourceId", system`.execute(
    tx,
  );
  return without(entries, rows);
}

/**
 * Lets the row stand by which a source record owned its target record already, where none stands for it. Returns the entries that are left.
 */
export async function takeUp<T extends Entry>(tx: Tx, entries: readonly T[]): Promise<readonly T[]> {
  if (entries.length === 0) return [];
  const { rows } = await sql<Name>`
    update crosswalk o set state = 'live', origin = r.origin, live_effect = r."liveEffect", content_hash = r."contentHash", run = r.run, wave = r.wave
    from ${tableOf(entries, entryColumns)} where ${claimed} and o.state ${standsNoMore} and not exists (select 1 from crosswalk c where ${ofRecord})
    returning o.object, o.source_id as "sourceId", o.system`.execute(tx);
  return without(entries, rows);
}

/** Enters source records that own their target records; the row that stands for one already goes on. Throws where it names another target record. */
export async function enter(tx: Tx, entries: readonly Entry[]): Promise<void> {
  const known = await takeUp(tx, entries);
  if (known.length === 0) return;
  const { rows } = await sql<Name>`${insertion(known)}
    on conflict (scope, object, source_id, system) where state ${stands} do update set live_effect = excluded.live_effect, content_hash = excluded.content_hash, state = 'live'
    where crosswalk.target_id = excluded.target_id returning object, source_id as "sourceId", system`.execute(tx);
  const [missed] = without(known, rows);
  if (missed !== undefined) throw new Error(`another target record was written down for ${recordText(missed)} at the same moment`);
}
