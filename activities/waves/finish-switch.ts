import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { openSwitchActs, switchObjects } from './switch-steps.ts';

/**
 * Ends a switch: the target is the book of record of the accounts that were sealed for it from here on. Where an activation or a pointer is still
 * open by what the target shows (refused, ambiguous, gone) nothing is ended: `open` says how many.
 */
export function finishSwitch(deps: Deps) {
  return async (ref: WaveRef): Promise<{ accounts: number; open: number }> => {
    const context = await contextOf(deps, ref);
    const open = await openSwitchActs(context, ref);
    if (open.length > 0) {
      await deps.ledger.trail.note(ref.run, ref.wave, 'switchOpen', { open: open.length, attempt: ref.attempt });
      return { accounts: 0, open: open.length };
    }
    await closeRefusals(context, ref);
    const accounts = await deps.ledger.waves.sealedAccounts(ref.run, ref.wave);
    await deps.ledger.waves.move(ref, 'switched', { scope: context.scope, accounts, book: 'target' });
    await deps.ledger.trail.note(ref.run, ref.wave, 'switched', { accounts: accounts.length, attempt: ref.attempt });
    return { accounts: accounts.length, open: 0 };
  };
}

/** What was refused and is done now is no exception any more. */
async function closeRefusals({ ledger, sys }: Context, { run, wave }: WaveRef): Promise<void> {
  const names = switchObjects(sys.plan).map(({ name }) => name);
  for (const { object, sourceId, kind, message } of await ledger.exceptions.openOf(run, wave))
    if (kind === 'refused' && names.includes(object) && /refused to (activate|annotate|update)/.test(message))
      await ledger.exceptions.close(run, object, sourceId, ['refused']);
}

/**
 * Lanes for the records that the source marks as retired (discontinued products): they leave the range after the last wave's switch, and come
 * back before a wave that is tried again. The lanes load, because the shared wave has no accounts that could switch.
 */
export function retireRecords(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    const lanes: number[] = [];
    for (const object of context.sys.plan.objects) {
      const { retire } = object;
      if (retire === undefined) continue;
      const records = (await deps.ledger.records.latest(context.scope, sharedWave, object.name)).filter(
        (record) => record.disposition !== 'gone' && isTrue(record.payload[retire]),
      );
      lanes.push(
        ...(await deps.ledger.lanes.plan(
          { run: ref.run, wave: sharedWave, attempt: ref.attempt, kind: 'load', object: object.name },
          records.map((record) => record.sourceId),
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
