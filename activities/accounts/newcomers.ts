import { staysAsNewcomer } from '../../domain/waves/newcomers.ts';
import type { Context } from '../deps.ts';
import { lastWave, waveOfAccounts } from '../run/waves-of-plan.ts';

/** Tells of an account whether it came up behind the last wave's freeze and stays in legacy by the plan's rule. */
export async function stayingNewcomers({ ledger, ref, scope, sys: { plan } }: Context): Promise<(account: string) => boolean> {
  const last = lastWave(plan);
  const [{ state }, read] = await Promise.all([ledger.waves.get(ref.run, last), ledger.waves.stagedAccounts(scope, last)]);
  const facts = { rule: plan.newcomers, lastWave: state, named: waveOfAccounts(plan), read: new Set(read) };
  return (account) => staysAsNewcomer(account, facts);
}
