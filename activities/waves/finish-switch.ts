import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Deps } from '../deps.ts';
import { blockedAccounts } from '../load/blocked.ts';
import { switchableAccounts } from './open-wave.ts';

/** Ends a switch: the target is the book of record of the wave's accounts from here on. */
export function finishSwitch(deps: Deps) {
  return async (ref: WaveRef): Promise<{ accounts: number }> => {
    const context = await contextOf(deps, ref);
    const accounts = await switchableAccounts(context, ref.wave, await blockedAccounts(context));
    await deps.ledger.waves.setBook(context.scope, ref.run, ref.wave, accounts, 'target');
    await deps.ledger.waves.move(ref.run, ref.wave, ['switching'], 'switched');
    await deps.ledger.trail.note(ref.run, ref.wave, 'switched', { accounts: accounts.length, attempt: ref.attempt });
    return { accounts: accounts.length };
  };
}

/**
 * After the last wave's switch: the shared wave counts as switched, and records that the source marks as retired (discontinued products) are
 * deactivated. Returns the lanes that do it.
 */
export function retireRecords(deps: Deps) {
  return async (ref: WaveRef): Promise<number[]> => {
    const context = await contextOf(deps, ref);
    await deps.ledger.waves.move(ref.run, sharedWave, ['loading', 'shadow', 'frozen', 'switched'], 'switching');
    const lanes: number[] = [];
    for (const object of context.sys.plan.objects) {
      const { retire } = object;
      if (retire === undefined) continue;
      const records = (await deps.ledger.records.latest(context.scope, sharedWave, object.name)).filter(
        (record) => record.disposition !== 'gone' && isTrue(record.payload[retire]),
      );
      lanes.push(
        ...(await deps.ledger.lanes.plan(
          { run: ref.run, wave: sharedWave, attempt: ref.attempt, kind: 'switch', object: object.name },
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
