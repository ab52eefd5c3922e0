import type { TargetChange } from '../../contracts/adapter.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import type { SourceRow } from '../../contracts/source.ts';
import { isNewBusiness } from '../../domain/rollback/new-business.ts';
import { contentHash } from '../../records/canonical.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { capabilityOf } from '../effects/proof.ts';
import { ownersOf } from './belonging.ts';

/** A record that people made or changed in the new system: a document of an account of ours, a new customer, an edit of a moved one. */
interface NewRecord extends SourceRow {
  readonly object: string;
  readonly change: 'created' | 'changed';
}

const sentences = {
  created:
    'Entered in the new system since the switch; enter it in the legacy system, unless legacy has it already, and note the number it gets there. And before its account switches again, cancel what stands in the new system, or it is there twice. It is exported in the archive.',
  changed:
    'Changed in the new system by somebody else since the switch; bring the change into the legacy system. The record as it stands is exported in the archive.',
};

/** What the archive holds of new business, beside the objects of the plan. */
const archivedAs = 'new business';

/**
 * Business people did in the new system since the switch: never lost, never deleted as ours. Each record becomes an exception, and all of them go
 * to the archive in the order in which they are to be entered in legacy, customers before their orders, with a field for the number they get
 * there. Asked again, it adds only what came in or changed since, as a further part. Returns how many records it added.
 */
export function exportNewBusiness(deps: Deps) {
  return async (ref: WaveRef): Promise<number> => {
    const context = await contextOf(deps, ref);
    const allowed = await deps.ledger.acts.allow(ref, 'findBusiness');
    const added = allowed === null ? 0 : await gather(context, { ...ref, order: allowed.order }, await newBusinessOf(context, ref.wave));
    await putWaiting(context);
    return added;
  };
}

/** A reading of the target's feed for a wave, and its place among all that were allowed. */
type Reading = WaveRef & { readonly order: number };

/** Writes down what was found: an exception for each record, and the part of the archive it belongs to. */
async function gather({ ledger, scope }: Context, { run, wave, attempt, order }: Reading, found: readonly NewRecord[]): Promise<number> {
  const exceptions = found.map(({ object, key, account, change }) => ({
    ...{ object, sourceId: key, account, kind: 'newBusiness' as const },
    ...{ candidates: [key], message: sentences[change] },
  }));
  const rows = found.map(({ object, change, key, account, fields }) => ({
    row: { key, account, fields: { object, change, ...fields, rekeyedAs: null } },
    // What is new there and belongs to no account is told once, whichever wave goes back.
    key: contentHash([run, account === null ? null : wave, object, key, change, fields]),
  }));
  const nameOf = (keys: readonly string[]): string => `new-business-${wave}-${String(attempt)}-${contentHash(keys).slice(0, 16)}`;
  return ledger.newBusiness.gather({ run, wave, attempt, order }, { scope, archivedAs, rows, exceptions }, nameOf);
}

/** Puts the parts of the run that wait, also those that another wave or a try that died has left: whoever puts a part puts the same. */
async function putWaiting({ ledger, ref, scope, sys }: Context): Promise<void> {
  for (const { part, keys, rows } of await ledger.newBusiness.waiting<SourceRow>(ref.run)) {
    const { sha256 } = await sys.archive.put(part, rows);
    const copies = keys.map((key) => ({ key, hash: key }));
    await ledger.trail.archive(scope, ref.run, { object: archivedAs, part, rows: rows.length, lines: 0, sha256, money: {}, copies }, null);
    await ledger.newBusiness.put(scope, part);
  }
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
  const moved = plan.objects.filter(({ mode, target: { system } }) => mode === 'move' && system === plan.roles.target);
  const names = [...new Set(moved.map((object) => object.target.object))];
  const found: (TargetChange & { readonly account: string | null })[] = [];
  for await (const page of port.changesSince(names, since.toISOString())) {
    const owners = await ownersOf(context, page);
    for (const change of page) {
      const { belonging, account } = owners.of(change, wave);
      const isVoid = capabilityOf(port.capabilities.objects, change.object).void.includes(change.state);
      if (isNewBusiness(change.change, isVoid, belonging)) found.push({ ...change, account });
    }
  }
  const inOrder = found.sort((a, b) => names.indexOf(a.object) - names.indexOf(b.object) || byAge(a, b));
  return inOrder.map((change) => ({
    object: change.object,
    change: change.change,
    key: change.id,
    account: change.account,
    fields: change.fields,
  }));
}

function byAge(a: TargetChange, b: TargetChange): number {
  const [one, other] = [a.createdAt ?? '', b.createdAt ?? ''];
  return one === other ? Number(a.id) - Number(b.id) || 0 : one < other ? -1 : 1;
}
