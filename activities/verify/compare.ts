import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { unmetFields } from '../../domain/effects/fields.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { contentHash } from '../../records/canonical.ts';
import { currencyOf } from '../../records/amounts.ts';
import { mapFields, type Resolve } from '../../records/mapping.ts';
import { expectedTotals } from '../../records/lines.ts';
import type { ComparedPage, ComparedRecord } from '../../ledger/comparisons.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { watchedHash } from '../load/act.ts';
import { onlyTry, placeOf, resumable, unlessOlder, type Tries } from '../tries.ts';
import { editedSince } from '../effects/edited.ts';
import { capabilityOf } from '../effects/proof.ts';
import { returnedComment } from '../rollback/undo-record.ts';
import { resolverFor } from '../load/references.ts';
import { beginning, markOfPlace, placeOfMark, placeOfRow, type Place } from '../run/account-parts.ts';
import { switchedAccounts } from '../run/export.ts';
import { passedBy } from '../run/passed-by.ts';
import { accountsOf } from '../accounts/of-wave.ts';
import { classify, isInTarget, type Classified, type InTarget } from './classify.ts';
import type { Fates } from './fates.ts';
import { pointerOf } from '../waves/pointer.ts';

/**
 * Compares the two books record by record: every mapped field of what is in the target with what the source says now, documents also in their
 * totals, recomputed by the target's rounding rule; CRM accounts in number, pointer and owner. Stores the names of the fields that differ.
 */
export function compareBooks(deps: Deps) {
  return async (ref: WaveRef): Promise<{ compared: number; differing: number }> =>
    resumable(deps.ledger, { run: ref.run, what: `${ref.wave} ${String(ref.attempt)}` }, async (tries) =>
      compareWave(await contextOf(deps, ref), ref, tries),
    );
}

/** A comparison whose last page is so old (ms) may be gone on with, however often the books are compared: a worker that died has a successor by then. */
const resumableMs = 300_000;

/** What an earlier try had read of the systems, where that is no older than a comparison may be: what was left for long must not end as a fresh one. */
export function youngEnough({ sys }: Context, tries: Tries): Tries {
  return unlessOlder(tries, Math.max(resumableMs, sys.env.timings.reconcileEvery));
}

/** The comparison itself, of a wave attempt's accounts or (shared) of everybody who is switched; from its beginning where no `tries` are given. */
export async function compareWave(
  context: Context,
  { wave, attempt }: { readonly wave: string; readonly attempt: number },
  tries: Tries = onlyTry,
): Promise<{ compared: number; differing: number }> {
  const from = youngEnough(context, tries).from?.mark ?? null;
  let [compared, differing] = [Number(from?.['compared'] ?? 0), Number(from?.['differing'] ?? 0)];
  const accounts = wave === sharedWave ? [...(await switchedAccounts(context, null))] : await accountsOf(context, wave);
  const sweep: Sweep = { context, accounts, switched: await switchedAccounts(context, accounts) };
  const objects = context.sys.plan.objects.filter(({ scope }) => scope === 'account');
  for (const object of objects.slice(Math.max(0, placeOf(objects, from)))) {
    const place = { run: context.ref.run, wave, attempt, object: object.name };
    const begun = from?.['object'] === object.name ? from : null;
    const number = begun === null ? await context.ledger.comparisons.begin(place) : Number(begun['sweep']);
    for await (const page of compareObject(sweep, object, begun === null ? beginning(accounts) : placeOfMark(begun))) {
      await context.ledger.comparisons.store(place, number, page);
      const { results, last } = page;
      compared += results.length;
      differing += results.filter(({ differences }) => differences.length > 0).length;
      const counts = { sweep: String(number), compared: String(compared), differing: String(differing) };
      if (last !== null) await tries.note({ object: object.name, ...markOfPlace(last), ...counts });
    }
    const unmet = await context.ledger.comparisons.unmet(place, number);
    for await (const rows of passedBy(context, object.source.query, accounts, unmet))
      await context.ledger.comparisons.meet(
        place,
        number,
        rows.map(({ key }) => key),
      );
    await context.ledger.comparisons.finish(place, number);
  }
  return { compared, differing };
}

/** What one comparison of a wave's books rests on. */
interface Sweep {
  readonly context: Context;
  readonly accounts: readonly string[];
  readonly switched: ReadonlySet<string>;
}

/** Only what stands in the target is compared: what became of the others is nobody's question here. */
const untold: Fates = () => 'unexplained';

/** Compares an object's records, page by page. */
async function* compareObject(
  { context, accounts, switched }: Sweep,
  object: ObjectPlan,
  behind: Place,
): AsyncGenerator<ComparedPage & { readonly last: Place | null }> {
  let readAt = await context.ledger.clocks.now();
  for await (const page of classify(context, object, accounts, untold, behind)) {
    const records = page.filter(isInTarget);
    const keys = records.map(({ key }) => key);
    const staged = await context.ledger.records.hashesOf(context.scope, object.name, keys);
    const current = records.filter((record) => staged.get(record.key) === contentHash(record.fields));
    const compared = new Set(current.map(({ key }) => key));
    const results = [...(await compareRecords(context, object, current, switched)), ...goneFrom(object, page, switched)];
    const end = page.at(-1);
    const last = end === undefined ? null : placeOfRow(end, behind);
    yield { results, lagging: keys.filter((key) => !compared.has(key)), last, readAt };
    readAt = await context.ledger.clocks.now();
  }
}

/**
 * Records that were matched and are no longer there, such as an account of the CRM that was merged into another one. Since its account was switched that is
 * an edit of people, before it is a difference: a wave that is taken back matches its records anew. Of records that are moved the equation tells.
 */
function goneFrom({ mode, target }: ObjectPlan, page: readonly Classified[], switched: ReadonlySet<string>): readonly ComparedRecord[] {
  const gone = page.filter((record) => mode === 'match' && record.row !== null && record.target === null);
  const what = `no longer in ${target.system}`;
  return gone.map(({ key, account }) =>
    switched.has(account ?? '')
      ? { sourceId: key, differences: [], edited: [what] }
      : { sourceId: key, differences: [`${what}: a no-go takes the wave back, and its next attempt matches it anew`], edited: [] },
  );
}

async function compareRecords(
  context: Context,
  object: ObjectPlan,
  records: readonly InTarget[],
  switched: ReadonlySet<string>,
): Promise<readonly ComparedRecord[]> {
  const resolve = await resolverFor(
    context,
    object,
    records.map(({ fields }) => fields),
  );
  const keys = records.map(({ key }) => key);
  const pointer = object.name === context.sys.plan.pointer.object ? await pointerOf(context, keys, switched) : null;
  const edits = await editsBySwitched(context, object, records, switched);
  return records.map((record): ComparedRecord => {
    const differing = [...fieldDifferences(context, object, record, resolve, switched)];
    const { row } = record;
    if (row?.contentHash != null && object.mode === 'match' && watchedHash(object, record.target.fields) !== row.contentHash)
      differing.push(...object.watched);
    const theirs = edits.get(record.key) ?? [];
    return {
      sourceId: record.key,
      differences: [
        ...differing.filter((name) => !theirs.includes(name)),
        // Where the pointer shows is never a person's business: it routes what comes in.
        ...(pointer?.differences(record.key, record.account, record.target) ?? []),
      ],
      edited: differing.filter((name) => theirs.includes(name)),
    };
  });
}

/**
 * Of each record of a switched account, the fields that people changed in the target since we wrote it: the target is the book there, and its
 * sealed legacy record will never follow. A record that we only recognized was equal to its source then, so every difference came later.
 */
async function editsBySwitched(
  context: Context,
  object: ObjectPlan,
  records: readonly InTarget[],
  switched: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const own = records.filter(({ account }) => account !== null && switched.has(account));
  const edited = await editedSince(context, object, own);
  const recognized = own.filter(({ key, row }) => object.mode === 'move' && row?.liveEffect === null && !edited.has(key));
  return new Map([...edited, ...recognized.map(({ key, target }) => [key, Object.keys(target.fields)] as const)]);
}

function fieldDifferences(
  context: Context,
  object: ObjectPlan,
  { fields, target, account }: InTarget,
  resolve: Resolve,
  switched: ReadonlySet<string>,
): readonly string[] {
  if (object.mode === 'match') return [];
  const { rounding, objects } = context.sys.target(object.target.system).capabilities;
  const desired = mapFields(object.fields, fields, resolve).fields;
  const nature = capabilityOf(objects, object.target.object);
  const totals = nature.rest === null ? {} : { ...expectedTotals(object, fields, rounding, currencyOf(object, fields)) };
  const differing = [...unmetFields(desired, target.fields, nature), ...unmetFields(totals, target.fields, { decimals: nature.decimals })];
  // A document kept from an earlier attempt says so until its account is switched again.
  const isReturned = target.fields['comment'] === returnedComment && !switched.has(account ?? '');
  return isReturned ? differing.filter((name) => name !== 'comment') : differing;
}
