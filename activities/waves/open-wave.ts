import type { Begun } from '../../contracts/activities.ts';
import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { mayBegin } from '../../domain/gates/stops.ts';
import { takeUpStayers } from '../accounts/leaving.ts';
import { accountsOf, arrivalsOf } from '../accounts/of-wave.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { shownNames } from '../../records/bare.ts';
import { stageObject } from '../run/stage.ts';
import { reserveProblems } from './reserve.ts';
import { configurationDrift } from '../verify/configuration.ts';

/**
 * Readiness: the wave's attempt is the current one, its systems answer and still have their rights, the calls reserved for a rollback would pay for
 * taking everything back, and the configuration is as it was frozen.
 * Then accounts that stayed in a switched wave are taken up, and the wave begins to load, unless a stop verb stands. Repeating it finds the wave as it
 * stands, however far it is.
 */
export function openWave(deps: Deps) {
  return async (ref: WaveRef): Promise<Begun> => {
    const context = await contextOf(deps, ref);
    const stands = await deps.ledger.waves.get(ref.run, ref.wave);
    if (stands.state !== 'planned' || stands.attempt !== ref.attempt) return deps.ledger.waves.begin(ref, 'wave');
    const { plan } = context.sys;
    const changes = (await configurationDrift(context))?.changes ?? [];
    if (changes.length > 0) {
      await deps.ledger.exceptions.open(ref.run, ref.wave, [
        {
          object: 'configuration',
          sourceId: plan.roles.source,
          account: null,
          kind: 'configurationDrift',
          message: `The configuration is not as it was at the configuration freeze; find out who changed it: ${shownNames(changes)}.`,
        },
      ]);
    }
    for (const system of [plan.roles.target, plan.roles.crm]) {
      const { problems } = await context.sys.target(system).probe();
      if (problems.length > 0) throw new Error(`${system} is not ready: ${problems.join('; ')}`);
    }
    const short = await reserveProblems(context, ref.wave);
    if (short.length > 0) throw new Error(short.join(' '));
    const may = mayBegin('wave', ref.wave, await deps.ledger.holds.standing(ref.run));
    if (!may.may) return may.why === 'hold' ? 'held' : 'stopped';
    if (ref.wave !== sharedWave) await takeUpStayers(context, ref);
    await stageArrivals(context, ref);
    const begun = await deps.ledger.waves.begin(ref, 'wave');
    if (begun !== 'begun') return begun;
    await deps.ledger.trail.note(ref.run, ref.wave, 'waveOpened', {
      attempt: ref.attempt,
      accounts: (await accountsOf(context, ref.wave)).length,
    });
    return begun;
  };
}

/** Staged before the freeze, so that it takes in accounts which came up since the plan was written, or stayed in another wave. */
async function stageArrivals(context: Context, ref: WaveRef): Promise<void> {
  const joined = await context.ledger.joining.of(ref.run);
  const accounts = [
    ...(await arrivalsOf(context, ref.wave)),
    ...(await accountsOf(context, ref.wave)).filter((account) => joined.get(account)?.wave === ref.wave),
  ];
  if (accounts.length === 0) return;
  const staging = await context.ledger.stagings.begin(ref);
  for (const object of context.sys.plan.objects.filter(({ scope }) => scope === 'account'))
    await stageObject(context, staging, object, accounts, new Set());
}

/** Marks the wave loaded: documents are harmless, legacy stays the book. A wave that is further on stays where it is. */
export function enterShadow(deps: Deps) {
  return async (ref: WaveRef): Promise<void> => {
    const { state, attempt } = await deps.ledger.waves.get(ref.run, ref.wave);
    if (attempt === ref.attempt && (state === 'frozen' || state === 'switching' || state === 'switched')) return;
    await deps.ledger.waves.move(ref, 'shadow');
    await deps.ledger.trail.note(ref.run, ref.wave, 'loaded', { attempt: ref.attempt });
  };
}

/** Begins the next numbered attempt of a wave that was taken back, unless a stop verb stands; repeating it changes nothing. */
export function beginAttempt(deps: Deps) {
  return async (ref: WaveRef): Promise<Begun> => {
    const begun = await deps.ledger.waves.begin(ref, 'attempt');
    if (begun === 'begun') await deps.ledger.trail.note(ref.run, ref.wave, 'attempt', { attempt: ref.attempt });
    return begun;
  };
}
