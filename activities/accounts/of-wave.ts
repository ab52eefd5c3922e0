import { sharedWave } from '../../contracts/messages.ts';
import type { Context } from '../deps.ts';
import { newcomers } from '../run/source-accounts.ts';

/**
 * Accounts of a wave: those the plan names, those its staged records name, and those that stayed in another wave and go with this one; without those
 * that go with another wave now, or that an earlier run has switched.
 */
export async function accountsOf(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref, scope, sys } = context;
  if (wave === sharedWave) return [];
  const planned = [sys.plan.pilot, ...sys.plan.waves].find(({ name }) => name === wave)?.accounts ?? [];
  const [staged, joined] = await Promise.all([ledger.waves.stagedAccounts(scope, wave), ledger.joining.of(ref.run)]);
  const here = [...joined].flatMap(([account, to]) => (to.wave === wave ? [account] : []));
  const own = [...new Set([...planned, ...staged, ...here])].filter((account) => (joined.get(account)?.wave ?? wave) === wave);
  return withoutSwitchedBefore(context, own);
}

/** Those of these accounts that no earlier run has switched. */
async function withoutSwitchedBefore({ ledger, ref, scope }: Context, accounts: readonly string[]): Promise<readonly string[]> {
  const books = await ledger.waves.books(scope, accounts);
  const elsewhere = new Set(books.filter(({ book, run }) => book === 'target' && run !== ref.run).map(({ account }) => account));
  return accounts.filter((account) => !elsewhere.has(account));
}

/** Accounts of a wave as the source has them now: with those that came up since the plan was written, where they go with this one. */
export async function accountsWithNewcomers(context: Context, wave: string): Promise<readonly string[]> {
  return [...new Set([...(await accountsOf(context, wave)), ...(await arrivalsOf(context, wave))])];
}

/**
 * Accounts that came up in the source since the plan was written and go with this wave; without those that go with another one by now, or that an earlier run
 * has switched.
 */
export async function arrivalsOf(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref, sys } = context;
  const [came, joined] = await Promise.all([newcomers(sys, wave), ledger.joining.of(ref.run)]);
  return withoutSwitchedBefore(
    context,
    came.filter((account) => (joined.get(account)?.wave ?? wave) === wave),
  );
}
