import { gateNames, type WaveRef } from '../../contracts/messages.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { contextOf, type Deps } from '../deps.ts';
import { stayingAccounts } from '../accounts/staying.ts';
import { stageDelta } from './delta.ts';
import { freezeName } from './freeze.ts';
import { switchableAccounts } from './open-wave.ts';

/**
 * The first step of a switch: the lease of the wave's accounts becomes a seal, and the source is read once more behind it. `lapsed`: the lease
 * ended or nothing was read under it, so the wave must be frozen and read again. `changed`: something got past the freeze; the seal stays, and
 * the change must be loaded, verified and voted on. Only `sealed` lets documents be activated.
 */
export function sealWave(deps: Deps) {
  return async (ref: WaveRef): Promise<'sealed' | 'lapsed' | 'changed'> => {
    const context = await contextOf(deps, ref);
    const wave = await deps.ledger.waves.get(ref.run, ref.wave);
    if (wave.state === 'switching' || wave.state === 'switched') return 'sealed';
    if (wave.stagedGeneration !== wave.generation) return 'lapsed';
    const accounts = await switchableAccounts(context, ref.wave, await stayingAccounts(context, ref.wave));
    const allowed = await deps.ledger.acts.allow(ref, 'seal', wave.generation);
    if (allowed === null) return 'sealed';
    try {
      await context.sys.source.seal(accounts, { wave: freezeName(ref), ...allowed });
    } catch (error) {
      if (error instanceof AdapterError && error.kind === 'conflict') return 'lapsed';
      throw error;
    }
    await deps.ledger.trail.freeze(ref.run, ref.wave, accounts, wave.generation, 'sealed');
    deps.point('afterSeal');
    await stageDelta(deps)(ref);
    const gate = await deps.ledger.gates.latest(ref.run, gateNames.switch(ref.wave));
    if ((await deps.ledger.records.stagedSince(context.scope, ref.wave, gate?.openedAt ?? null)) > 0) {
      await deps.ledger.trail.note(ref.run, ref.wave, 'changedBehindSeal', { generation: wave.generation });
      return 'changed';
    }
    // People are let into the target after this, so that whatever they do there is younger by its own clock.
    await deps.ledger.marks.note(ref, (await context.sys.target(context.sys.plan.roles.target).now()).earliestMs);
    await deps.ledger.waves.move(ref, 'switching');
    await deps.ledger.trail.note(ref.run, ref.wave, 'sealed', { accounts: accounts.length });
    return 'sealed';
  };
}
