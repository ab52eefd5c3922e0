import { compare } from '../../domain/money/decimal.ts';
import type { RoundingRule } from '../../domain/money/rounding.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { completeness, type Completeness, type Tally } from '../../domain/waves/completeness.ts';
import { keysOf, keysTogether, noKeys, type Keys } from '../../domain/waves/keys.ts';
import { roundingAmounts, sourceAmounts, sumAmounts, targetAmounts, type Amounts } from '../../records/amounts.ts';
import type { Context } from '../deps.ts';
import { classify, classifyArchived, isInTarget, type Category, type Classified, type InTarget } from './classify.ts';
import type { Fates } from './fates.ts';

/** What records of an object come to, of one page or of many. */
interface Sum {
  readonly source: Tally;
  readonly created: Tally;
  readonly matched: Tally;
  readonly archived: Tally;
  readonly left: Tally;
  readonly exceptions: Tally;
  readonly rounding: Amounts;
  readonly leftKeys: Keys;
  /** Records that nothing explains, or whose own amounts do not add up. */
  readonly keys: Keys;
  /** Records of archive queries whose newest copy in the archive is none of what they are now, and that nothing else explains. */
  readonly unarchived: Keys;
}

const tallies = ['source', 'created', 'matched', 'archived', 'left', 'exceptions'] as const;
const keyLists = ['leftKeys', 'keys', 'unarchived'] as const;

/**
 * Law 18 for one object: every record and every cent of the source explained. With `accounts` null the archive counts too, each record
 * by its newest copy; of a wave's accounts only what should be in the archive and is not. Of the pages only their sum is held.
 */
export async function equationOf(
  context: Context,
  object: ObjectPlan,
  accounts: readonly string[] | null,
  fates: Fates,
): Promise<Completeness> {
  let sum = pageOf(context, object, []);
  for await (const records of classify(context, object, accounts, fates)) sum = plus(sum, pageOf(context, object, records));
  for await (const records of classifyArchived(context, object, accounts, fates)) {
    const due = accounts === null ? records : records.filter(({ category }) => category !== 'archived');
    const page = pageOf(context, object, due);
    sum = plus(sum, { ...page, unarchived: page.keys });
  }
  const { leftKeys, ...rest } = sum;
  return completeness({ ...rest, object: object.name, left: { ...sum.left, keys: leftKeys } });
}

function plus(sum: Sum, page: Sum): Sum {
  const tallied = tallies.map((name) => [name, together(sum[name], page[name])] as const);
  const listed = keyLists.map((name) => [name, keysTogether(sum[name], page[name])] as const);
  return {
    ...(Object.fromEntries(tallied) as Pick<Sum, (typeof tallies)[number]>),
    ...(Object.fromEntries(listed) as Pick<Sum, (typeof keyLists)[number]>),
    rounding: sumAmounts([sum.rounding, page.rounding]),
  };
}

function together(one: Tally, other: Tally): Tally {
  return { count: one.count + other.count, money: sumAmounts([one.money, other.money]) };
}

function pageOf(context: Context, object: ObjectPlan, records: readonly Classified[]): Sum {
  const [from, to] = [context.sys.source.capabilities.rounding, context.sys.target(object.target.system).capabilities.rounding];
  const of = (category: Category): readonly Classified[] => records.filter((record) => record.category === category);
  const atSource = (some: readonly Classified[]): Tally => ({
    count: some.length,
    money: sumAmounts(some.map(({ fields }) => sourceAmounts(object, fields, from))),
  });
  const atTarget = (some: readonly Classified[]): Tally => ({
    count: some.length,
    money: sumAmounts(some.filter(isInTarget).map(({ fields, target }) => targetAmounts(object, fields, target.fields))),
  });
  const inTarget = records.filter(isInTarget);
  const odd = inTarget.filter((record) => !isBalanced(object, record, from, to));
  return {
    source: atSource(records),
    created: atTarget(of('created')),
    matched: atTarget(of('matched')),
    archived: atSource(of('archived')),
    left: atSource(of('left')),
    exceptions: atSource(of('exceptions')),
    rounding: sumAmounts(inTarget.map(({ fields }) => roundingAmounts(object, fields, from, to))),
    leftKeys: keysOf(of('left').map(({ key }) => key)),
    keys: keysOf([...of('unexplained'), ...odd].map(({ key }) => key)),
    unarchived: noKeys,
  };
}

/** Whether a record's amounts in the target are the source's, the declared rounding aside. */
function isBalanced(object: ObjectPlan, { fields, target }: InTarget, from: RoundingRule, to: RoundingRule): boolean {
  const explained = sumAmounts([targetAmounts(object, fields, target.fields), roundingAmounts(object, fields, from, to)]);
  const source = sourceAmounts(object, fields, from);
  return [...new Set([...Object.keys(explained), ...Object.keys(source)])].every(
    (name) => compare(source[name] ?? '0', explained[name] ?? '0') === 0,
  );
}
