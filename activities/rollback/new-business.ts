import type { WaveRef } from '../../contracts/messages.ts';
import { contextOf, type Deps } from '../deps.ts';

/**
 * Business people did in the new system since the switch: never lost, never deleted as ours. Each document becomes an exception, and all of them go
 * to the archive in the order in which they are to be entered in legacy, with a field for the number they get there.
 */
export function exportNewBusiness(deps: Deps) {
  return async (ref: WaveRef): Promise<number> => {
    const context = await contextOf(deps, ref);
    const { plan, archive } = context.sys;
    const { switchedAt } = await deps.ledger.waves.get(ref.run, ref.wave);
    if (switchedAt === null) return 0;
    const owners = (await deps.ledger.crosswalk.ofObject(context.scope, plan.pointer.to)).filter(
      (row) => row.wave === ref.wave && row.run === ref.run,
    );
    if (owners.length === 0) return 0;
    const since = new Date(switchedAt.getTime() + context.targetSkewMs).toISOString();
    const found = await context.sys.target(plan.roles.target).findNewBusiness(
      owners.map((row) => row.targetId),
      since,
    );
    if (found.length === 0) return 0;
    const account = (party: unknown): string | null => owners.find((row) => row.targetId === party)?.sourceId ?? null;
    for (const document of found) {
      await deps.ledger.exceptions.open(ref.run, ref.wave, {
        object: document.object,
        sourceId: document.id,
        account: account(document.fields['party']),
        kind: 'newBusiness',
        candidates: [document.id],
        message:
          'Entered in the new system since the switch; enter it in the legacy system and note the number it gets there. It is exported in the archive.',
      });
    }
    const rows = found.map((document) => ({
      key: document.id,
      account: account(document.fields['party']),
      fields: { ...document.fields, rekeyedAs: null },
    }));
    await archive.put(`new-business-${ref.run.replaceAll('/', '-')}-${ref.wave}-${String(ref.attempt)}`, rows);
    await deps.ledger.trail.note(ref.run, ref.wave, 'newBusiness', { documents: found.length });
    return found.length;
  };
}
