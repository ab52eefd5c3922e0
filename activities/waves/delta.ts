import { loadStep } from '../../contracts/activities.ts';
import { sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { Staging } from '../../ledger/stagings.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { countGoneShared } from '../load/gone.ts';
import { archiveRows } from '../run/archive.ts';
import { stageObject } from '../run/stage.ts';
import { accountsOf, accountsWithNewcomers } from '../accounts/of-wave.ts';

/**
 * Reads the wave's accounts (for the shared wave: the shared records) from the source once more, whole key sets and contents, and stages what is
 * new, changed or gone; orders shipped meanwhile, and finished ones that changed, go to the archive as an addendum. Reading everything again, and not the change log alone,
 * also finds what got past the triggers. Notes the freeze generation it was read under. A later reading fences it.
 * Returns how many staged changes no load was planned for, with `retries` also records whose exception the next load may cure, and shared ones that people removed from the target: what people
 * have mended goes along, and behind a freeze nothing is read for it. Nothing is read while a load of the wave is left half-way: whoever takes it up goes on from what it has done, and would pass
 * over news about that.
 */
export function stageDelta(deps: Deps) {
  return async (ref: WaveRef, retries = false): Promise<number | 'loadLeft'> => {
    const context = await contextOf(deps, ref);
    const load = await deps.ledger.steps.latest(ref, loadStep);
    if (load?.endedAt === null) return 'loadLeft';
    const staging = await deps.ledger.stagings.begin(ref);
    const watermark = await context.sys.source.watermark();
    const isShared = ref.wave === sharedWave;
    const accounts = isShared ? null : await accountsToRead(context, ref.wave, staging);
    let changed = 0;
    for (const object of context.sys.plan.objects.filter(({ scope }) => (scope === 'shared') === isShared))
      changed += await stageObject(context, staging, object, accounts, new Set());
    const archived = isShared ? 0 : await archiveRows(context, staging, accounts);
    await deps.ledger.stagings.finish(staging, watermark);
    if (changed + archived > 0) await deps.ledger.trail.note(ref.run, ref.wave, 'delta', { changed, archived });
    // By the ledger and not by this call's own count: an attempt before this one may have staged changes and died.
    const planned = await deps.ledger.lanes.lastPlanned(ref.run, ref.wave, ref.attempt);
    const staged = await deps.ledger.records.stagedSince(context.scope, ref.wave, laterOf(planned, load?.begunAt ?? null));
    const mendable = retries ? (await deps.ledger.exceptions.openOf(ref.run, ref.wave, kindsThat('curedByLoad'))).length : 0;
    return staged + mendable + (isShared && retries ? await countGoneShared(context) : 0);
  };
}

/** A load that has ended took in all that was staged when it began, also what it made no lane for: a change that the mapping does not carry. */
function laterOf(planned: Date | null, loaded: Date | null): Date | null {
  return planned === null || (loaded !== null && loaded > planned) ? loaded : planned;
}

/** Behind the freeze only what it took in: an account that came up since is open in legacy, and comes too late for this wave. */
async function accountsToRead(context: Context, wave: string, { run, generation }: Staging): Promise<readonly string[]> {
  if (generation === null) return accountsWithNewcomers(context, wave);
  const held = await context.ledger.freezes.heldBy(run, wave, generation);
  return [...new Set([...(await accountsOf(context, wave)), ...held])];
}
