import type { SwitchStepEnd } from '../../contracts/activities.ts';
import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { WaveMovedOn } from '../../domain/waves/moved-on.ts';
import { hasBegunToSwitch } from '../../domain/waves/state.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import type { Order } from '../../ledger/acts.ts';
import { stayingAccounts } from '../accounts/staying.ts';
import { stageDelta } from './delta.ts';
import { freezeName, releaseStaying } from './freeze.ts';
import { accountsOf } from '../accounts/of-wave.ts';
import { sealFaults } from './seals.ts';

/**
 * The first step of a switch (P12): the lease of the wave's accounts becomes a seal, legacy is asked whether it stands, and the source is read once
 * more behind it. `lapsed`: the lease ended or nothing was read under it, so the wave must be frozen and read again. `changed`: something got past
 * the freeze and must be loaded, verified and voted on. `held`, `stopped`: somebody said stop before the switch began. After these three the seal
 * becomes a lease with an end again. Only `sealed` lets documents be activated.
 */
export function sealWave(deps: Deps) {
  return async (ref: WaveRef): Promise<'sealed' | 'lapsed' | 'changed' | SwitchStepEnd> => {
    const context = await contextOf(deps, ref);
    try {
      return (await hasBegun(context, ref)) ? 'sealed' : await sealAndRead(deps, context, ref);
    } catch (error) {
      // Another try of this activity, which slept, may have begun the switch between two looks of this one.
      if (error instanceof WaveMovedOn && (await hasBegun(context, ref))) return 'sealed';
      throw error;
    }
  };
}

/** Whether this attempt of the wave has begun to switch. */
async function hasBegun({ ledger }: Context, { run, wave, attempt }: WaveRef): Promise<boolean> {
  const stands = await ledger.waves.get(run, wave);
  return stands.attempt === attempt && hasBegunToSwitch(stands.state);
}

async function sealAndRead(deps: Deps, context: Context, ref: WaveRef): Promise<'sealed' | 'lapsed' | 'changed' | SwitchStepEnd> {
  const wave = await deps.ledger.waves.get(ref.run, ref.wave);
  if (wave.stagedGeneration !== wave.generation) return 'lapsed';
  const staying = await stayingAccounts(context, ref.wave);
  await releaseStaying(context, ref, staying);
  const accounts = (await accountsOf(context, ref.wave)).filter((account) => !staying.has(account));
  // Read before the seal: where the target takes no more calls for now, the switch waits for it while legacy is under a lease that ends.
  // People are let into the target after this, so that whatever they do there is younger by its own clock.
  const { earliestMs } = await context.sys.target(context.sys.plan.roles.target).now();
  const order = await seal(context, ref, accounts, wave.generation);
  if (order === null) return 'lapsed';
  deps.point('afterSeal');
  const read = await stageDelta(deps)(ref);
  const gate = await deps.ledger.gates.latest(ref.run, gateNames.switch(ref.wave));
  // An account that stays is open and works on: what it does moves nobody's vote about the others.
  const isChanged = (await deps.ledger.records.stagedSince(context.scope, ref.wave, gate?.openedAt ?? null, accounts)) > 0;
  // Where a load that was begun has not ended, nothing was read.
  if (isChanged || read === 'loadLeft') {
    await deps.ledger.trail.note(ref.run, ref.wave, 'changedBehindSeal', { generation: wave.generation });
    await unseal(context, ref, accounts, order);
    return 'changed';
  }
  await deps.ledger.marks.note(ref, earliestMs);
  const step = await deps.ledger.switches.start(ref, order, { scope: context.scope, accounts, book: 'closed' });
  if (step === 'overtaken') throw new Error('another process acted on the freeze after this seal; it is sealed and read again');
  if (step === 'held' || step === 'stopped' || step === 'lapsed') {
    await unseal(context, ref, accounts, order);
    return step;
  }
  await deps.ledger.trail.note(ref.run, ref.wave, 'sealed', { accounts: accounts.length });
  return 'sealed';
}

/** Seals and reads back; null where the generation no longer holds every account. */
async function seal(context: Context, ref: WaveRef, accounts: readonly string[], generation: number): Promise<Order | null> {
  const order = await context.ledger.acts.allow(ref, 'seal', generation);
  if (order === null) return null;
  try {
    await context.sys.source.seal(accounts, { wave: freezeName(ref), ...order });
  } catch (error) {
    if (error instanceof AdapterError && error.kind === 'conflict') return null;
    throw error;
  }
  const faults = await sealFaults(context, ref, generation, accounts);
  if (faults.length > 0) throw new Error(`legacy said it sealed the accounts, but reading it back shows otherwise: ${faults.join('; ')}`);
  await context.ledger.freezes.confirm(ref, 'seal', { order, accounts, state: 'sealed' });
  return order;
}

/** The seal becomes a lease from now on: whoever goes on with the wave has that long, and legacy is not closed for good meanwhile. */
async function unseal(context: Context, ref: WaveRef, accounts: readonly string[], sealed: Order): Promise<void> {
  const order = await context.ledger.acts.allow(ref, 'unseal', sealed.generation);
  if (order === null) return;
  const leaseMs = context.sys.env.timings.lease;
  await context.sys.source.unseal(accounts, { wave: freezeName(ref), ...order }, leaseMs);
  await context.ledger.freezes.confirm(ref, 'unseal', { order, accounts, state: 'frozen' });
  await context.ledger.freezes.prolong(ref, order, leaseMs);
}
