import type { TargetRecord } from '../../contracts/adapter.ts';
import type { SourceRow } from '../../contracts/source.ts';
import { compare } from '../../domain/money/decimal.ts';
import type { RoundingRule } from '../../domain/money/rounding.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { completeness, type Completeness, type Tally } from '../../domain/waves/completeness.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk.ts';
import type { ArchivedPart } from '../../ledger/trail.ts';
import { roundingAmounts, sourceAmounts, sumAmounts, targetAmounts } from '../../records/amounts.ts';
import type { Context } from '../deps.ts';
import { stayingNewcomers } from '../accounts/newcomers.ts';
import { accountsInException } from '../accounts/staying.ts';
import type { BlockedAccounts } from '../load/desired.ts';
import { readRows } from '../run/stage.ts';

/** What became of one source record. */
export type Category = 'created' | 'matched' | 'archived' | 'left' | 'exceptions' | 'unexplained';

export interface ClassifiedRow extends SourceRow {
  readonly category: Category;
}

/** A record that is to be in the target, with how it stands there. */
export interface Classified extends ClassifiedRow {
  readonly row: CrosswalkRow | null;
  readonly target: TargetRecord | null;
}

/** A record that stands in the target. */
export type InTarget = Classified & { readonly target: TargetRecord };

/** Whether a record stands in the target. */
export function isInTarget(record: Classified): record is InTarget {
  return record.target !== null;
}

/**
 * Reads an object's records from the source itself and says of each what became of it: in the target (read there by id), an exception, left there
 * by a rule of the plan, or unexplained. `accounts` null takes everybody.
 */
export async function classify(context: Context, object: ObjectPlan, accounts: readonly string[] | null): Promise<readonly Classified[]> {
  const rows = [];
  for await (const page of readRows(context, object.source.query, object.scope === 'shared' ? null : accounts)) rows.push(...page);
  const crosswalk = new Map(
    (await context.ledger.crosswalk.ofObject(context.scope, object.name))
      .filter((row) => row.state === 'live')
      .map((row) => [row.sourceId, row]),
  );
  const ids = rows.flatMap((row) => crosswalk.get(row.key)?.targetId ?? []);
  const targets = new Map(
    (ids.length === 0 ? [] : await context.sys.target(object.target.system).get(object.target.object, [...new Set(ids)])).map((record) => [
      record.id,
      record,
    ]),
  );
  const elsewhere = await fates(context, object);
  return rows.map((row) => {
    const known = crosswalk.get(row.key) ?? null;
    const target = known === null ? null : (targets.get(known.targetId) ?? null);
    return { ...row, row: known, target, category: categoryOf(known, target, elsewhere(row)) };
  });
}

async function openExceptions(context: Context, object: ObjectPlan): Promise<ReadonlySet<string>> {
  const rows = await context.ledger.exceptions.openOf(context.ref.run);
  return new Set(rows.filter((row) => row.object === object.name).map((row) => row.sourceId));
}

/** What became of records that stand neither in the target nor in the archive. */
async function fates(
  context: Context,
  object: ObjectPlan,
): Promise<(row: { readonly key: string; readonly account: string | null }) => 'exceptions' | 'left' | 'unexplained'> {
  const [blocked, open] = [await accountsInException(context), await openExceptions(context, object)];
  const stays = await stayingNewcomers(context);
  return (row) => {
    if (isException(blocked, open, row)) return 'exceptions';
    return row.account !== null && stays(row.account) ? 'left' : 'unexplained';
  };
}

function isException(
  blocked: BlockedAccounts,
  open: ReadonlySet<string>,
  row: { readonly key: string; readonly account: string | null },
): boolean {
  return open.has(row.key) || (row.account !== null && blocked.has(row.account));
}

function categoryOf(row: CrosswalkRow | null, target: TargetRecord | null, elsewhere: Category): Category {
  if (row !== null && target !== null) return row.origin === 'created' ? 'created' : 'matched';
  return elsewhere;
}

/**
 * The records of an object that the plan archives, read from the source itself, each with what became of it: in the archive, an exception (of an
 * account that stays in legacy), left with its account, or unexplained, like an order shipped behind the last delta.
 */
export async function classifyArchived(
  context: Context,
  object: ObjectPlan,
  accounts: readonly string[] | null,
): Promise<readonly ClassifiedRow[]> {
  const queries = context.sys.plan.archive.filter((entry) => entry.object === object.name);
  if (queries.length === 0) return [];
  const held = new Set((await partsOf(context, object)).flatMap(({ keys }) => keys));
  const elsewhere = await fates(context, object);
  const rows = [];
  for (const { query } of queries) for await (const page of readRows(context, query, accounts)) rows.push(...page);
  return rows.map((row) => ({
    ...row,
    category: held.has(row.key) ? 'archived' : elsewhere(row),
  }));
}

async function partsOf(context: Context, object: ObjectPlan): Promise<readonly ArchivedPart[]> {
  return (await context.ledger.trail.archived(context.scope)).filter((part) => part.object === object.name);
}

/**
 * Law 18 for one object: every record and every cent of the source explained. With `accounts` null the archive counts too; of a wave's accounts
 * only what should be in the archive and is not.
 */
export async function equationOf(context: Context, object: ObjectPlan, accounts: readonly string[] | null): Promise<Completeness> {
  const classified = await classify(context, object, accounts);
  const shipped = await classifyArchived(context, object, accounts);
  const due = accounts === null ? shipped : shipped.filter(({ category }) => category !== 'archived');
  const parts = accounts === null ? await partsOf(context, object) : [];
  const [from, to] = [context.sys.source.capabilities.rounding, context.sys.target(object.target.system).capabilities.rounding];
  const atSource = (records: readonly ClassifiedRow[]): Tally => ({
    count: records.length,
    money: sumAmounts(records.map(({ fields }) => sourceAmounts(object, fields, from))),
  });
  const inTarget = classified.filter(isInTarget);
  const atTarget = (category: Category): Tally => {
    const records = inTarget.filter((record) => record.category === category);
    return { count: records.length, money: sumAmounts(records.map(({ fields, target }) => targetAmounts(object, fields, target.fields))) };
  };
  const all = [...classified, ...due];
  const left = all.filter(({ category }) => category === 'left');
  return completeness({
    object: object.name,
    source: atSource(all),
    created: atTarget('created'),
    matched: atTarget('matched'),
    archived: { count: parts.reduce((count, part) => count + part.rows, 0), money: sumAmounts(parts.map(({ money }) => money)) },
    left: { ...atSource(left), keys: left.map(({ key }) => key) },
    exceptions: atSource(all.filter(({ category }) => category === 'exceptions')),
    rounding: sumAmounts(inTarget.map(({ fields }) => roundingAmounts(object, fields, from, to))),
    keys: [
      ...all.filter(({ category }) => category === 'unexplained').map(({ key }) => key),
      ...inTarget.filter((record) => !isBalanced(object, record, from, to)).map(({ key }) => key),
    ],
  });
}

/** Whether a record's amounts in the target are the source's, the declared rounding aside. */
function isBalanced(object: ObjectPlan, { fields, target }: InTarget, from: RoundingRule, to: RoundingRule): boolean {
  const explained = sumAmounts([targetAmounts(object, fields, target.fields), roundingAmounts(object, fields, from, to)]);
  const source = sourceAmounts(object, fields, from);
  return [...new Set([...Object.keys(explained), ...Object.keys(source)])].every(
    (name) => compare(source[name] ?? '0', explained[name] ?? '0') === 0,
  );
}
