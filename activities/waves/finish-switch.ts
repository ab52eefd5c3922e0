import type { SwitchStepEnd } from '../../contracts/activities.ts';
import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { progress } from '../pulse.ts';
import { sealFaults } from './seals.ts';
import { dueWrites, openSwitchActs, switchObjects } from './switch-steps.ts';

/**
 * Ends a switch: the target is the book of record of the accounts that were sealed for it from here on. Where an activation or a pointer is still
 * open by what the target shows (refused, ambiguous, gone) nothing is ended: `open` says how many. Legacy must hold every seal, and no
 * stop verb may stand, before the books move (P12).
 */
export function finishSwitch(deps: Deps) {
  return async (ref: WaveRef): Promise<{ end: 'switched' | 'open' | SwitchStepEnd; accounts: number; open: number }> => {
    const context = await contextOf(deps, ref);
    const open = await openSwitchActs(context, ref);
    if (open.length > 0) {
      await deps.ledger.trail.note(ref.run, ref.wave, 'switchOpen', { open: open.length, attempt: ref.attempt });
      return { end: 'open', accounts: 0, open: open.length };
    }
    const { generation } = await deps.ledger.waves.get(ref.run, ref.wave);
    const accounts = await deps.ledger.freezes.held(ref.run, ref.wave, ['sealed']);
    const faults = await sealFaults(context, ref, generation, accounts);
    if (faults.length > 0)
      throw new Error(
        `${context.sys.plan.roles.source} must refuse writers before the target opens: ${faults.join('; ')}; take the wave back, or find out who lifted the seals`,
      );
    const step = await deps.ledger.switches.finish(ref, generation, { scope: context.scope, accounts, book: 'target' });
    if (step === 'held' || step === 'stopped') return { end: step, accounts: 0, open: 0 };
    await closeRefusals(context, ref);
    // What an earlier attempt had to leave is in use from here on.
    await deps.ledger.exceptions.closeLive(context.scope, ref.run, ref.wave, kindsThat('curedBySwitch'));
    await deps.ledger.trail.note(ref.run, ref.wave, 'switched', { accounts: accounts.length, attempt: ref.attempt });
    return { end: 'switched', accounts: accounts.length, open: 0 };
  };
}

/** What was refused and is done now is no exception any more. */
async function closeRefusals({ ledger, sys }: Context, { run, wave }: WaveRef): Promise<void> {
  const names = switchObjects(sys.plan).map(({ name }) => name);
  const done = (await ledger.exceptions.openOf(run, wave)).filter(
    ({ kind, message }) => kind === 'refused' && /refused to (activate|annotate|update)/.test(message),
  );
  for (const name of names) {
    const keys = done.filter(({ object }) => object === name).map(({ sourceId }) => sourceId);
    await ledger.exceptions.close(run, name, keys, ['refused']);
  }
}

/**
 * Lanes for the records that the source marks as retired (discontinued products): they leave the range after the last wave's switch, and come
 * back before a wave that is tried again. Only of those that are not yet as they are to be. The lanes load, because the shared wave has no accounts that could switch.
 */
export function retireRecords(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    const lanes: number[] = [];
    for (const object of context.sys.plan.objects) {
      const { retire } = object;
      if (retire === undefined) continue;
      const due: string[] = [];
      for await (const records of deps.ledger.records.pages(context.scope, sharedWave, object.name)) {
        const retired = records.filter(({ disposition, payload }) => disposition !== 'gone' && isTrue(payload[retire]));
        const writes = await dueWrites(
          context,
          object,
          retired.map(({ sourceId }) => sourceId),
        );
        due.push(...writes.due.map(({ row }) => row.sourceId));
        progress({ object: object.name, due: due.length });
      }
      lanes.push(
        ...(await deps.ledger.lanes.plan(
          { run: ref.run, wave: sharedWave, attempt: ref.attempt, kind: 'load', object: object.name },
          due,
          200,
        )),
      );
    }
    return lanes;
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || value === 't';
}
