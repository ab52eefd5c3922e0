import type { WaveRef } from '../../contracts/messages.ts';
import type { SourcePort } from '../../contracts/source.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { blockedAccounts } from '../accounts/blocked.ts';
import type { BlockedAccounts } from '../load/desired.ts';
import { accountsOf, accountsWithNewcomers } from '../accounts/of-wave.ts';

/**
 * Freezes the wave's accounts in legacy under a new generation with a lease that ends by itself (P6): with those that came up until now, without those
 * with an ambiguous record. The intent is in the ledger before the call. Overtaken by a rollback it changes the ledger no more, and legacy refuses it, or the rollback lifts it.
 */
export function freezeWave(deps: Deps) {
  return async (ref: WaveRef): Promise<{ generation: number; accounts: number }> => {
    const context = await contextOf(deps, ref);
    const { freeze } = context.sys.plan;
    deps.point('beforeFreeze');
    const own = await accountsWithNewcomers(context, ref.wave);
    const blocked = await blockedAccounts(context, own);
    const accounts = own.filter((account) => !blocked.has(account));
    const leaseMs = context.sys.env.timings.lease;
    const { generation, order, leaseUntil: until } = await deps.ledger.freezes.begin(ref, accounts, leaseMs);
    const leaseUntil = until.toISOString();
    await context.sys.source.freeze({
      accounts,
      wave: freezeName(ref),
      generation,
      order,
      leaseMs,
      reason: freeze.reason,
      contact: freeze.contact,
    });
    deps.point('afterFreeze');
    await deps.ledger.freezes.confirm(ref, 'freeze', {
      order: { order, generation },
      accounts,
      state: 'frozen',
      books: { scope: context.scope, accounts, book: 'closed' },
      to: 'frozen',
    });
    await confirmQuiet(context.sys.source, context.sys.env.timings.quietWithin, accounts);
    await deps.ledger.trail.note(ref.run, ref.wave, 'frozen', { generation, accounts: accounts.length, leaseUntil });
    return { generation, accounts: accounts.length };
  };
}

/** The name a wave holds its freeze items under: its own run's, so that thaw lifts only what this run holds. */
export function freezeName(ref: Pick<WaveRef, 'run' | 'wave'>): string {
  return `${ref.run}/${ref.wave}`;
}

const betweenReadsMs = 100;

/**
 * Two reads of the change feed a moment apart show the same changes of the frozen accounts, our own aside; throws where they do not settle in
 * time. The feed begins at the oldest open transaction, so that it may show changes from before the freeze as well: only new ones count.
 * A source that is frozen as a whole has taken everybody's rights away under a lock, and has no feed.
 */
async function confirmQuiet(source: SourcePort, withinMs: number, accounts: readonly string[]): Promise<void> {
  if (source.capabilities.freeze?.granularity === 'system') return;
  const until = performance.now() + withinMs;
  const mark = await source.watermark();
  let before = await changesOf(source, mark, accounts);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, betweenReadsMs));
    const now = await changesOf(source, mark, accounts);
    const fresh = [...now].filter((change) => !before.has(change)).length;
    if (fresh === 0) return;
    if (performance.now() > until)
      throw new Error(
        `${String(fresh)} changes still came in for frozen accounts after ${String(withinMs)} ms; find the writer, it gets past the freeze`,
      );
    before = now;
  }
}

/** What others changed of these accounts since the mark, each change once. */
async function changesOf(source: SourcePort, mark: string, accounts: readonly string[]): Promise<ReadonlySet<string>> {
  const frozen = new Set(accounts);
  const changes = (await source.changesSince(mark)).filter(({ ours, account }) => !ours && account !== null && frozen.has(account));
  return new Set(changes.map(({ table, key, at, operation }) => `${operation} ${table} ${key} ${at}`));
}

/**
 * Opens accounts of the wave that will not switch, those that stay: they stay in legacy whole, and go on working there. With them those that were frozen when
 * they came up and are no more, of which the wave has nothing.
 */
export async function releaseStaying(context: Context, ref: WaveRef, staying: BlockedAccounts): Promise<number> {
  const own = new Set(await accountsOf(context, ref.wave));
  const gone = (await context.ledger.freezes.held(ref.run, ref.wave)).filter((account) => !own.has(account));
  const accounts = [...[...own].filter((account) => staying.has(account)), ...gone];
  const inLegacy = (await context.sys.source.freezeStates(accounts))
    .filter((state) => state.wave === freezeName(ref))
    .map((state) => state.account);
  // Legacy may have opened accounts for a try of this that died before the ledger heard of it.
  const unheard = new Set(await context.ledger.freezes.held(ref.run, ref.wave));
  const held = [...new Set([...inLegacy, ...accounts.filter((account) => unheard.has(account))])];
  if (held.length === 0) return 0;
  const allowed = await context.ledger.acts.allow(ref, 'release');
  if (allowed === null) return 0;
  await context.sys.source.thaw(held, { wave: freezeName(ref), ...allowed });
  await context.ledger.freezes.confirm(ref, 'release', {
    order: allowed,
    accounts: held,
    state: 'thawed',
    books: { scope: context.scope, accounts: held, book: 'legacy' },
  });
  return held.length;
}

/** Lifts freeze and seal of the wave's accounts, whose book is closed; then legacy is their book again. Once the rollback has ended it does nothing. */
export function thawWave(deps: Deps) {
  return async (ref: WaveRef): Promise<void> => {
    const context = await contextOf(deps, ref);
    // Of an order that was given and never confirmed legacy may have heard, or may hear yet: only a later order about the same account ends it.
    const ordered = await deps.ledger.freezes.held(ref.run, ref.wave, ['intended']);
    const [held, joined] = [await deps.ledger.freezes.held(ref.run, ref.wave), await deps.ledger.joining.of(ref.run)];
    const own = await accountsOf(context, ref.wave);
    const accounts = [...new Set([...own, ...held, ...ordered])];
    // What this wave still holds of an account that goes with another one is lifted; its book is that wave's.
    const closed = new Set([...own, ...held].filter((account) => (joined.get(account)?.wave ?? ref.wave) === ref.wave));
    deps.point('beforeThaw');
    const allowed = await deps.ledger.acts.allow(ref, 'thaw');
    if (allowed === null) return;
    await context.sys.source.thaw(accounts, { wave: freezeName(ref), ...allowed });
    await deps.ledger.freezes.confirm(ref, 'thaw', {
      order: allowed,
      accounts,
      state: 'thawed',
      books: { scope: context.scope, accounts: [...closed], book: 'legacy' },
    });
    await deps.ledger.trail.note(ref.run, ref.wave, 'thawed', { accounts: accounts.length });
  };
}
