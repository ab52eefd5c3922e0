import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Deps } from '../deps.ts';
import { blockedAccounts } from '../load/blocked.ts';
import { switchableAccounts } from './open-wave.ts';

/** Ends a switch: the target is the book of record of the wave's accounts from here on. */
export function finishSwitch(deps: Deps) {
  return async (ref: WaveRef): Promise<{ accounts: number }> => {
    const context = await contextOf(deps, ref);
    const accounts = await switchableAccounts(context, ref.wave, await blockedAccounts(context));
    await deps.ledger.waves.move(ref, 'switched', { scope: context.scope, accounts, book: 'target' });
    await deps.ledger.trail.note(ref.run, ref.wave, 'switched', { accounts: accounts.length, attempt: ref.attempt });
    return { accounts: accounts.length };
  };
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
