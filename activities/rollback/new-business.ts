import type { ObjectCapability, TargetChange } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { SourceRow } from '../../contracts/source.ts';
import { isNewBusiness } from '../../domain/rollback/new-business.ts';
import { contentHash } from '../../records/canonical.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { capabilityOf } from '../effects/proof.ts';
import { objectOf } from '../load/references.ts';

/** A record that people made or changed in the new system: a document of an account of ours, a new customer, an edit of a moved one. */
interface NewRecord extends SourceRow {
  readonly object: string;
  readonly change: 'created' | 'changed';
  /** It is a document, such as an order, and no customer or product. */
  readonly isDocument: boolean;
}

const sentences = {
  created:
    'Entered in the new system since the switch; enter it in the legacy system and note the number it gets there. It is exported in the archive.',
  changed:
    'Changed in the new system by somebody else since the switch; bring the change into the legacy system. The record as it stands is exported in the archive.',
};

/**
 * Business people did in the new system since the switch: never lost, never deleted as ours. Each record becomes an exception, and all of them go
 * to the archive in the order in which they are to be entered in legacy, customers before their orders, with a field for the number they get
 * there. Asked again, it adds only what came in or changed since, as a further part. Returns how many records it added.
 */
export function exportNewBusiness(deps: Deps) {
  return async (ref: WaveRef): Promise<number> => {
    const context = await contextOf(deps, ref);
    if ((await deps.ledger.acts.allow(ref, 'findBusiness')) === null) return 0;
    const found = await newBusinessOf(context, ref.wave);
    await deps.ledger.exceptions.open(
      ref.run,
      ref.wave,
      found.map(({ object, key, account, change }) => ({
        object,
        sourceId: key,
        account,
        kind: 'newBusiness',
        candidates: [key],
        message: sentences[change],
      })),
    );
    const added = await archiveAnew(context, ref, found);
    if (added > 0) await deps.ledger.trail.note(ref.run, ref.wave, 'newBusiness', { documents: added });
    return added;
  };
}

/** How many orders people would have to enter again if this wave went back. */
export async function ordersToEnter(context: Context, wave: string): Promise<number> {
  return (await newBusinessOf(context, wave)).filter(({ change, isDocument }) => change === 'created' && isDocument).length;
}

/**
 * What somebody else made or changed in the new system since a wave's switch began, by the target's own change feed and clock: what belongs to
 * the wave's accounts, and what is new there; in the order of entry. None before the switch.
 */
async function newBusinessOf(context: Context, wave: string): Promise<readonly NewRecord[]> {
  const { plan } = context.sys;
  const { attempt } = await context.ledger.waves.get(context.ref.run, wave);
  const since = await context.ledger.marks.of(context.ref.run, wave, attempt);
  if (since === null) return [];
  const port = context.sys.target(plan.roles.target);
  const accounts = await accountsOf(context, wave);
  const moved = plan.objects.filter(({ mode, target: { system } }) => mode === 'move' && system === plan.roles.target);
  const names = [...new Set(moved.map((object) => object.target.object))];
  const found: TargetChange[] = [];
  for await (const page of port.changesSince(names, since.toISOString()))
    found.push(...page.filter((change) => isBusiness(change, capabilityOf(port.capabilities.objects, change.object), accounts)));
  const inOrder = found.sort((a, b) => names.indexOf(a.object) - names.indexOf(b.object) || byAge(a, b));
  return inOrder.map((change) => ({
    object: change.object,
    change: change.change,
    key: change.id,
    account: accounts.byTarget.get(accountRecord(change, accounts)) ?? null,
    fields: change.fields,
    isDocument: capabilityOf(port.capabilities.objects, change.object).owner !== null,
  }));
}

/** The customers of the plan as they stand in the target: those of this wave by their account, and those of other waves. */
interface Accounts {
  readonly object: string;
  readonly byTarget: ReadonlyMap<string, string>;
  readonly elsewhere: ReadonlySet<string>;
}

async function accountsOf(context: Context, wave: string): Promise<Accounts> {
  const { plan } = context.sys;
  const rows = await context.ledger.crosswalk.ofObject(context.scope, plan.pointer.to);
  const ours = rows.filter((row) => row.wave === wave && row.run === context.ref.run);
  const byTarget = new Map(ours.map((row) => [row.targetId, row.sourceId]));
  const elsewhere = new Set(rows.map(({ targetId }) => targetId).filter((id) => !byTarget.has(id)));
  return { object: objectOf(context, plan.pointer.to).target.object, byTarget, elsewhere };
}

/** The target id of the customer a record belongs to, which may be the record itself; empty where it belongs to none. */
function accountRecord({ object, id, owner }: TargetChange, accounts: Accounts): string {
  return object === accounts.object ? id : (owner ?? '');
}

function isBusiness(change: TargetChange, capability: ObjectCapability, accounts: Accounts): boolean {
  const record = accountRecord(change, accounts);
  const belonging = accounts.byTarget.has(record) ? 'wave' : accounts.elsewhere.has(record) ? 'elsewhere' : 'nobody';
  return isNewBusiness(change.change, capability.void.includes(change.state), belonging);
}

function byAge(a: TargetChange, b: TargetChange): number {
  const [one, other] = [a.createdAt ?? '', b.createdAt ?? ''];
  return one === other ? Number(a.id) - Number(b.id) || 0 : one < other ? -1 : 1;
}

/** What the archive holds of new business, beside the objects of the plan. */
const archivedAs = 'new business';

/** Each part is named by what it holds, so that repeating it after a death is the same part and later documents never meet its name. */
async function archiveAnew(context: Context, { run, wave, attempt }: WaveRef, found: readonly NewRecord[]): Promise<number> {
  const { ledger, sys } = context;
  const all = found.map(({ object, change, key, account, fields }) => ({
    row: { key, account, fields: { object, change, ...fields, rekeyedAs: null } },
    // What is new there and belongs to no account is told once, whichever wave goes back.
    hash: contentHash([run, account === null ? null : wave, object, key, change, fields]),
  }));
  const held = await ledger.trail.archivedAmong(
    context.scope,
    archivedAs,
    all.map(({ hash }) => hash),
  );
  const fresh = all.filter(({ hash }) => !held.has(hash));
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
