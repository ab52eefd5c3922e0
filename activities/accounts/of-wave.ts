import { sharedWave } from '../../contracts/messages.ts';
import type { Context } from '../deps.ts';

/**
 * Accounts of a wave: those the plan names, those its staged records name, and those that stayed in another wave and go with this one; without those
 * that go with another wave now, or that an earlier run has switched.
 */
export async function accountsOf(context: Context, wave: string): Promise<readonly string[]> {
  const { ledger, ref, scope, sys } = context;
  if (wave === sharedWave) return [];
  const planned = [sys.plan.pilot, ...sys.plan.waves].find(({ name }) => name === wave)?.accounts ?? [];
  const [staged, joined, books] = await Promise.all([
    ledger.waves.stagedAccounts(scope, wave),
    ledger.joining.of(ref.run),
    ledger.waves.books(scope),
  ]);
  const elsewhere = new Set(books.filter(({ book, run }) => book === 'target' && run !== ref.run).map(({ account }) => account));
  const here = [...joined].flatMap(([account, to]) => (to.wave === wave ? [account] : []));
  return [...new Set([...planned, ...staged, ...here])].filter(
    (account) => !elsewhere.has(account) && (joined.get(account)?.wave ?? wave) === wave,
  );
}

/** Accounts of the wave that may switch: those that nothing keeps in legacy. */
export async function switchableAccounts(context: Context, wave: string, blocked: ReadonlyMap<string, string>): Promise<readonly string[]> {
  return (await accountsOf(context, wave)).filter((account) => !blocked.has(account));
}
