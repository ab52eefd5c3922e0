import type { WaveRef } from '../../contracts/messages.ts';
import type { SourcePort } from '../../contracts/source.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { blockedAccounts } from '../load/blocked.ts';
import { accountsOf, switchableAccounts } from './open-wave.ts';

/**
 * Freezes the wave's accounts in legacy under a new generation with a lease that ends by itself (P6), those with an ambiguous record aside.
 * The intent is in the ledger before the call; freezing the same generation again changes nothing.
 */
export function freezeWave(deps: Deps) {
  return async (ref: WaveRef): Promise<{ generation: number; accounts: number }> => {
    const context = await contextOf(deps, ref);
    const { freeze } = context.sys.plan;
    const accounts = await switchableAccounts(context, ref.wave, await blockedAccounts(context));
    const { generation, leaseUntil: until } = await deps.ledger.waves.nextGeneration(ref, context.sys.env.timings.lease);
    const leaseUntil = until.toISOString();
    await deps.ledger.trail.freeze(ref.run, ref.wave, accounts, generation, 'intended');
    await context.sys.source.freeze({
      accounts,
      wave: freezeName(ref),
      generation,
      leaseUntil,
      reason: freeze.reason,
      contact: freeze.contact,
    });
    deps.point('afterFreeze');
    await deps.ledger.trail.freeze(ref.run, ref.wave, accounts, generation, 'frozen');
    await deps.ledger.waves.move(ref, 'frozen', { scope: context.scope, accounts, book: 'closed' });
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

/** Two reads of the change feed a moment apart show no change of the frozen accounts but our own; throws where they do not settle in time. */
async function confirmQuiet(source: SourcePort, withinMs: number, accounts: readonly string[]): Promise<void> {
  const frozen = new Set(accounts);
  const until = performance.now() + withinMs;
  for (;;) {
    const mark = await source.watermark();
    await new Promise((resolve) => setTimeout(resolve, betweenReadsMs));
    const changes = (await source.changesSince(mark)).filter(
      (change) => !change.ours && change.account !== null && frozen.has(change.account),
    );
    if (changes.length === 0) return;
    if (performance.now() > until)
      throw new Error(
        `${String(changes.length)} changes still came in for frozen accounts after ${String(withinMs)} ms; find the writer, it gets past the freeze`,
      );
  }
}

/** Opens accounts of the wave that turned out ambiguous: they stay in legacy and go on working there. */
export async function releaseBlocked(context: Context, ref: WaveRef): Promise<number> {
  const blocked = await blockedAccounts(context);
  const accounts = (await accountsOf(context, ref.wave)).filter((account) => blocked.has(account));
  const held = (await context.sys.source.freezeStates(accounts))
    .filter((state) => state.wave === freezeName(ref))
    .map((state) => state.account);
  if (held.length === 0) return 0;
  await context.sys.source.thaw(held, freezeName(ref));
  const { generation } = await context.ledger.waves.get(ref.run, ref.wave);
  await context.ledger.trail.freeze(ref.run, ref.wave, held, generation, 'thawed');
  await context.ledger.waves.setBook(ref.run, ref.wave, { scope: context.scope, accounts: held, book: 'legacy' });
  return held.length;
}

/** Lifts freeze and seal of the wave's accounts; legacy is their book again. */
export function thawWave(deps: Deps) {
  return async (ref: WaveRef): Promise<void> => {
    const context = await contextOf(deps, ref);
    const accounts = await accountsOf(context, ref.wave);
    deps.point('beforeThaw');
    const { generation } = await deps.ledger.waves.get(ref.run, ref.wave);
    await context.sys.source.thaw(accounts, freezeName(ref));
    await deps.ledger.trail.freeze(ref.run, ref.wave, accounts, generation, 'thawed');
    await deps.ledger.waves.setBook(ref.run, ref.wave, { scope: context.scope, accounts, book: 'legacy' });
    await deps.ledger.trail.note(ref.run, ref.wave, 'thawed', { accounts: accounts.length });
  };
}
