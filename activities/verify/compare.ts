import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { unmetFields } from '../../domain/effects/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { contentHash } from '../../records/canonical.ts';
import { mapFields } from '../../records/mapping.ts';
import { expectedTotals } from '../../records/lines.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { watchedHash } from '../load/load-lane.ts';
import { capabilityOf } from '../effects/proof.ts';
import { returnedComment } from '../rollback/undo-lane.ts';
import { resolverFor } from '../load/references.ts';
import { switchedAccounts } from '../run/export.ts';
import { accountsOf } from '../waves/open-wave.ts';
import { classify, type Classified } from './equation.ts';
import { pointerOf } from '../waves/pointer.ts';

/**
 * Compares the two books record by record: every mapped field of what is in the target with what the source says now, documents also in their
 * totals, recomputed by the target's rounding rule; CRM accounts in number, pointer and owner. Stores the names of the fields that differ.
 */
export function compareBooks(deps: Deps) {
  return async (ref: WaveRef): Promise<{ compared: number; differing: number }> => {
    const context = await contextOf(deps, ref);
    let [compared, differing] = [0, 0];
    const accounts = ref.wave === sharedWave ? [...(await switchedAccounts(context))] : await accountsOf(context, ref.wave);
    for (const object of context.sys.plan.objects.filter(({ scope }) => scope === 'account')) {
      const { results, lagging } = await compareObject(context, object, accounts);
      await deps.ledger.guards.compare(ref.run, ref.wave, ref.attempt, object.name, results, lagging);
      compared += results.length;
      differing += results.filter(({ differences }) => differences.length > 0).length;
    }
    return { compared, differing };
  };
}

interface ObjectComparison {
  readonly results: readonly { readonly sourceId: string; readonly differences: readonly string[] }[];
  /** Records that changed in the source after the last delta: they are compared when that change has been carried over. */
  readonly lagging: readonly string[];
}

async function compareObject(context: Context, object: ObjectPlan, accounts: readonly string[]): Promise<ObjectComparison> {
  const records = (await classify(context, object, accounts)).filter(({ target }) => target !== null);
  const staged = new Map((await context.ledger.records.all(context.scope, object.name)).map((record) => [record.sourceId, record.hash]));
  const resolve = await resolverFor(context, object);
  const pointer = object.name === context.sys.plan.pointer.object ? await pointerOf(context) : null;
  const current = records.filter((record) => staged.get(record.key) === contentHash(record.fields));
  const switched = await switchedAccounts(context);
  const results = current.map((record) => {
    const differences = [...fieldDifferences(context, object, record, resolve, switched)];
    if (pointer !== null) differences.push(...pointer.differences(record.key, record.account, record.target));
    if (
      record.row?.contentHash != null &&
      object.mode === 'match' &&
      record.target !== null &&
      watchedHash(object, record.target.fields) !== record.row.contentHash
    )
      differences.push(...object.watched);
    return { sourceId: record.key, differences };
  });
  return { results, lagging: records.filter((record) => !current.includes(record)).map((record) => record.key) };
}

function fieldDifferences(
  context: Context,
  object: ObjectPlan,
  { fields, target, account }: Classified,
  resolve: Awaited<ReturnType<typeof resolverFor>>,
  switched: ReadonlySet<string>,
): readonly string[] {
  if (target === null) return ['gone'];
  if (object.mode === 'match') return [];
  const { rounding, objects } = context.sys.target(object.target.system).capabilities;
  const desired = mapFields(object.fields, fields, resolve).fields;
  const { volatile, rest } = capabilityOf(objects, object.target.object);
  const totals = rest === null ? {} : { ...expectedTotals(object, fields, rounding) };
  const differing = [...unmetFields(desired, target.fields, volatile), ...unmetFields(totals, target.fields)];
  // A document kept from an earlier attempt says so until its account is switched again.
  const isReturned = target.fields['comment'] === returnedComment && !switched.has(account ?? '');
  return isReturned ? differing.filter((name) => name !== 'comment') : differing;
}
