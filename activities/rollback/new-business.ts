import type { WaveRef } from '../../contracts/messages.ts';
import type { SourceRow } from '../../contracts/source.ts';
import { contentHash } from '../../records/canonical.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { clockGraceMs } from '../effects/proof.ts';

/** A document that people entered in the new system for an account of ours. */
interface NewDocument extends SourceRow {
  readonly object: string;
}

/**
 * Business people did in the new system since the switch: never lost, never deleted as ours. Each document becomes an exception, and all of them go
 * to the archive in the order in which they are to be entered in legacy, with a field for the number they get there. Asked again, it adds only what
 * came in or changed since, as a further part. Returns how many documents it added.
 */
export function exportNewBusiness(deps: Deps) {
  return async (ref: WaveRef): Promise<number> => {
    const context = await contextOf(deps, ref);
    const found = await newBusinessOf(context, ref.wave);
    for (const { object, key, account } of found) {
      await deps.ledger.exceptions.open(ref.run, ref.wave, {
        object,
        sourceId: key,
        account,
        kind: 'newBusiness',
        candidates: [key],
        message:
          'Entered in the new system since the switch; enter it in the legacy system and note the number it gets there. It is exported in the archive.',
      });
    }
    const added = await archiveAnew(context, ref, found);
    if (added > 0) await deps.ledger.trail.note(ref.run, ref.wave, 'newBusiness', { documents: added });
    return added;
  };
}

/** Documents of a switched wave's accounts that somebody else entered in the new system since the switch; none before it. */
export async function newBusinessOf(context: Context, wave: string): Promise<readonly NewDocument[]> {
  const { plan } = context.sys;
  const { switchedAt } = await context.ledger.waves.get(context.ref.run, wave);
  if (switchedAt === null) return [];
  const rows = await context.ledger.crosswalk.ofObject(context.scope, plan.pointer.to);
  const owners = new Map(rows.filter((row) => row.wave === wave && row.run === context.ref.run).map((row) => [row.targetId, row.sourceId]));
  if (owners.size === 0) return [];
  // Rather a document too many, from just before the switch, than one that nobody enters in legacy.
  const since = new Date(switchedAt.getTime() + context.targetSkewMs - clockGraceMs).toISOString();
  const found = await context.sys.target(plan.roles.target).findNewBusiness([...owners.keys()], since);
  return found.map(({ id, object, fields }) => {
    const { party } = fields;
    return { object, key: id, account: typeof party === 'string' ? (owners.get(party) ?? null) : null, fields };
  });
}

/** What the archive holds of new business, beside the objects of the plan. */
const archivedAs = 'new business';

/** Each part is named by what it holds, so that repeating it after a death is the same part and later documents never meet its name. */
async function archiveAnew(context: Context, { run, wave, attempt }: WaveRef, found: readonly NewDocument[]): Promise<number> {
  const { ledger, sys } = context;
  const parts = (await ledger.trail.archived(context.scope)).filter((part) => part.object === archivedAs);
  const held = new Set(parts.flatMap(({ keys }) => keys));
  const fresh = found
    .map(({ key, account, fields }) => ({
      row: { key, account, fields: { ...fields, rekeyedAs: null } },
      hash: contentHash([run, wave, key, fields]),
    }))
    .filter(({ hash }) => !held.has(hash));
  if (fresh.length === 0) return 0;
  const hashes = fresh.map(({ hash }) => hash);
  const part = `new-business-${wave}-${String(attempt)}-${contentHash(hashes).slice(0, 16)}`;
  const { rows, sha256 } = await sys.archive.put(
    part,
    fresh.map(({ row }) => row),
  );
  await ledger.trail.archive(context.scope, run, { object: archivedAs, part, rows, lines: 0, sha256, money: {}, keys: hashes });
  return rows;
}
