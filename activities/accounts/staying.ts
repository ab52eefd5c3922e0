import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { stayingAccounts as stayWhole, type AccountRecord } from '../../domain/waves/whole.ts';
import type { AccountException } from '../../ledger/exceptions.ts';
import type { RecordHead } from '../../ledger/records.ts';
import type { Context } from '../deps.ts';
import type { BlockedAccounts } from '../load/desired.ts';
import { accountsOf } from './of-wave.ts';
import { blockedAccounts } from './blocked.ts';

/** Objects whose records decide over the switch of their account: its root record, and the documents that the plan does not let stay alone. */
function decidingObjects({ sys }: Context): readonly ObjectPlan[] {
  const { objects, pointer } = sys.plan;
  return objects.filter(({ name, activate, whenMissing }) => name === pointer.to || (activate && whenMissing === 'accountStays'));
}

/** Exceptions that say such a record is not in the target as the source has it; of an earlier attempt only what a load could cure counts. */
async function openFaults(context: Context, accounts: readonly string[] | null): Promise<readonly AccountException[]> {
  const { ledger, ref } = context;
  const names = decidingObjects(context).map(({ name }) => name);
  const curable = kindsThat('curedByLoad');
  const openings = new Map((await ledger.waves.all(ref.run)).map(({ name, openedAt }) => [name, openedAt]));
  const isOfPresentAttempt = ({ wave, openedAt }: AccountException): boolean => openedAt >= (openings.get(wave) ?? openedAt);
  return (await ledger.exceptions.ofAccounts(ref.run, accounts, [...curable, 'ambiguousOutcome'])).filter(
    (row) => names.includes(row.object) && (curable.includes(row.kind) || isOfPresentAttempt(row)),
  );
}

/** Accounts that an open exception keeps in legacy, in any wave, each with its reason: among these, or (null) among all. */
export async function accountsInException(context: Context, accounts: readonly string[] | null): Promise<BlockedAccounts> {
  const faults = (await openFaults(context, accounts)).map(({ account, object, sourceId, kind }): AccountRecord => ({
    account,
    object,
    sourceId,
    fault: `is in exception (${kind})`,
  }));
  return stayWhole(await blockedAccounts(context, accounts), faults);
}

/**
 * Accounts of a loaded wave that do not switch, each with its reason: those in exception, and those whose root record or document is not live in
 * the target; a root record that people took out of use there, or removed, is not.
 */
export async function stayingAccounts(context: Context, wave: string): Promise<BlockedAccounts> {
  const records: AccountRecord[] = [];
  for (const object of decidingObjects(context)) {
    const told = new Set<string>();
    for await (const heads of context.ledger.records.headPages(context.scope, wave, object.name, 'there'))
      for (const { account, sourceId, fault } of await faultsOf(context, object, heads)) {
        if (account === null || told.has(account)) continue;
        told.add(account);
        records.push({ account, object: object.name, sourceId, fault });
      }
  }
  return stayWhole(await accountsInException(context, await accountsOf(context, wave)), records);
}

/** Those of these records of an object that are to move and are not live in the target, each with what is wrong. */
async function faultsOf(
  context: Context,
  object: ObjectPlan,
  heads: readonly RecordHead[],
): Promise<readonly (RecordHead & { readonly fault: string })[]> {
  const moving = heads.filter(({ disposition }) => disposition === 'move');
  const states = await statesOf(
    context,
    object,
    moving.map(({ sourceId }) => sourceId),
  );
  const { system } = object.target;
  const faults: Readonly<Record<State, string | null>> = {
    live: null,
    nowhere: 'is not in the new system',
    gone: `is no longer in ${system}`,
    inactive: `is inactive in ${system}; make it active there`,
  };
  return moving.flatMap((head) => {
    const fault = faults[states.get(head.sourceId) ?? 'nowhere'];
    return fault === null ? [] : [{ ...head, fault }];
  });
}

/** How a record stands in the target: of root records by the target itself. */
type State = 'live' | 'nowhere' | 'gone' | 'inactive';

/** How records stand that the crosswalk has as live; those it has not are left out. */
async function statesOf({ ledger, scope, sys }: Context, object: ObjectPlan, keys: readonly string[]): Promise<ReadonlyMap<string, State>> {
  if (object.name !== sys.plan.pointer.to)
    return new Map([...(await ledger.crosswalk.liveAmong(scope, object.name, keys))].map((key) => [key, 'live']));
  const rows = (await ledger.crosswalk.bySource(scope, object.name, keys)).filter(({ state }) => state === 'live');
  const ids = [...new Set(rows.map(({ targetId }) => targetId))];
  const found = ids.length === 0 ? [] : await sys.target(object.target.system).get(object.target.object, ids);
  const states = new Map(found.map(({ id, state }) => [id, state === 'inactive' ? 'inactive' : 'live'] as const));
  return new Map(rows.map(({ sourceId, targetId }) => [sourceId, states.get(targetId) ?? 'gone']));
}

/** Accounts of a frozen wave that would switch and that its freeze did not take in: they came right only behind it. */
export async function lateAccounts(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref } = context;
  const { state, generation } = await ledger.waves.get(ref.run, wave);
  if (state !== 'frozen') return [];
  const [held, staying] = [new Set(await ledger.freezes.heldBy(ref.run, wave, generation)), await stayingAccounts(context, wave)];
  return (await accountsOf(context, wave)).filter((account) => !held.has(account) && !staying.has(account));
}
