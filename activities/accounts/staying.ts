import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import { stayingAccounts as stayWhole, type AccountRecord } from '../../domain/waves/whole.ts';
import type { ExceptionRow } from '../../ledger/exceptions.ts';
import type { Ledger } from '../../ledger/ledger.ts';
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
async function openFaults(context: Context): Promise<readonly ExceptionRow[]> {
  const names = decidingObjects(context).map(({ name }) => name);
  const curable = kindsThat('curedByLoad');
  const waves = await openings(context.ledger, context.ref.run);
  return (await context.ledger.exceptions.openOf(context.ref.run, null, [...curable, 'ambiguousOutcome'])).filter(
    (row) => names.includes(row.object) && (curable.includes(row.kind) || isOfPresentAttempt(row, waves)),
  );
}

/** When the present attempt of each wave of a run opened. */
async function openings(ledger: Ledger, run: string): Promise<ReadonlyMap<string, Date | null>> {
  return new Map((await ledger.waves.all(run)).map(({ name, openedAt }) => [name, openedAt]));
}

function isOfPresentAttempt({ wave, openedAt }: ExceptionRow, waves: ReadonlyMap<string, Date | null>): boolean {
  return openedAt >= (waves.get(wave) ?? openedAt);
}

/** Accounts with a write of the present attempt of their wave of which nobody can tell what became of it: it is never sent again. */
export async function ambiguousAccounts({ ledger, ref }: Context): Promise<ReadonlySet<string>> {
  const waves = await openings(ledger, ref.run);
  const open = await ledger.exceptions.openOf(ref.run, null, ['ambiguousOutcome']);
  return new Set(open.flatMap((row) => (isOfPresentAttempt(row, waves) ? (row.account ?? []) : [])));
}

/** Accounts that an open exception keeps in legacy, in any wave, each with its reason. */
export async function accountsInException(context: Context): Promise<BlockedAccounts> {
  const faults = (await openFaults(context)).flatMap(({ account, object, sourceId, kind }): AccountRecord[] =>
    account === null ? [] : [{ account, object, sourceId, fault: `is in exception (${kind})` }],
  );
  return stayWhole(await blockedAccounts(context), faults);
}

/**
 * Accounts of a loaded wave that do not switch, each with its reason: those in exception, and those whose root record or document is not live in
 * the target.
 */
export async function stayingAccounts(context: Context, wave: string): Promise<BlockedAccounts> {
  const records: AccountRecord[] = [];
  for (const { name } of decidingObjects(context)) {
    const live = await context.ledger.crosswalk.liveKeys(context.scope, name);
    for (const { account, sourceId, disposition } of await context.ledger.records.heads(context.scope, name, wave))
      if (account !== null && disposition === 'move')
        records.push({ account, object: name, sourceId, fault: live.has(sourceId) ? null : 'is not in the new system' });
  }
  return stayWhole(await accountsInException(context), records);
}

/** Accounts of a frozen wave that would switch and that its freeze did not take in: they came right only behind it. */
export async function lateAccounts(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref } = context;
  const { state, generation } = await ledger.waves.get(ref.run, wave);
  if (state !== 'frozen') return [];
  const [held, staying] = [new Set(await ledger.freezes.heldBy(ref.run, wave, generation)), await stayingAccounts(context, wave)];
  return (await accountsOf(context, wave)).filter((account) => !held.has(account) && !staying.has(account));
}
