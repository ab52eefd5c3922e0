import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Systems } from '../deps.ts';
import { readRows } from './read-rows.ts';
import { lastWave, waveOfAccounts } from './waves-of-plan.ts';

/** Whether a plan moves this object account by account. */
export function isOfAccounts({ scope, mode }: ObjectPlan): boolean {
  return scope === 'account' && mode === 'move';
}

/** Accounts that the source has now, by the first object that belongs to an account. Throws where the plan moves no such object. */
export async function sourceAccounts(sys: Systems): Promise<ReadonlySet<string>> {
  const object = sys.plan.objects.find(isOfAccounts);
  if (!object) throw new Error('the plan moves no object that belongs to an account');
  const accounts = new Set<string>();
  for await (const rows of readRows({ sys }, object.source.query, null))
    for (const { account } of rows) if (account !== null) accounts.add(account);
  return accounts;
}

/** Accounts that came up in the source since the plan was written, where this is the wave they go with: the last one. */
export async function newcomers(sys: Systems, wave: string): Promise<readonly string[]> {
  if (wave !== lastWave(sys.plan)) return [];
  const named = waveOfAccounts(sys.plan);
  return [...(await sourceAccounts(sys))].filter((account) => !named.has(account));
}
