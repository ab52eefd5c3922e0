import type { RunRef } from '../../contracts/messages.ts';
import { RunMovedOn } from '../../domain/waves/moved-on.ts';
import { contextOf, type Context, type Deps } from '../deps.ts';
import { placeOf, resumable, type Tries } from '../tries.ts';
import { readConfiguration } from '../verify/configuration.ts';
import { archiveRows } from './archive.ts';
import { stageObject } from './stage.ts';

/** Accounts whose book of record is the target, of these or (null) of all. */
export async function switchedAccounts(
  { ledger, scope }: Pick<Context, 'ledger' | 'scope'>,
  accounts: readonly string[] | null,
): Promise<ReadonlySet<string>> {
  const books = await ledger.waves.books(scope, accounts);
  return new Set(books.filter((row) => row.book === 'target').map((row) => row.account));
}

/** Configuration freeze: our triggers in legacy, and the fingerprint of all three systems that later drift is measured against. */
export function freezeConfiguration(deps: Deps) {
  return async (ref: RunRef): Promise<void> => {
    const context = await contextOf(deps, ref);
    const order = await deps.ledger.acts.allowInRun(ref.run, 'install');
    if (order === null) throw new RunMovedOn(ref.run, 'freeze the configuration');
    await context.sys.source.install(order);
    await deps.ledger.runs.setFingerprint(ref.run, JSON.stringify(await readConfiguration(context)));
    await deps.ledger.trail.note(ref.run, null, 'configurationFrozen');
  };
}

/** The full baseline of everything the plan moves or matches, and the write-once archive of everything it archives. */
export function exportAll(deps: Deps) {
  return (ref: RunRef): Promise<Exported> => resumable(deps.ledger, ref, (tries) => exported(deps, ref, tries));
}

interface Exported {
  readonly staged: number;
  readonly archived: number;
  /** Waves that an earlier run has switched whole. */
  readonly done: string[];
}

/** The export itself. A try goes on behind the objects that one before it has read; what changed since the first began is in the change log. */
async function exported(deps: Deps, ref: RunRef, { from, note }: Tries): Promise<Exported> {
  const context = await contextOf(deps, ref);
  const { plan } = context.sys;
  const staging = await deps.ledger.stagings.beginAll(ref.run);
  // What an earlier run has switched this one leaves alone.
  const skip = await switchedAccounts(context, null);
  const watermark = from?.mark['watermark'] ?? (await context.sys.source.watermark());
  let staged = Number(from?.mark['staged'] ?? 0);
  for (const object of plan.objects.slice(placeOf(plan.objects, from?.mark ?? null) + 1)) {
    staged += await stageObject(context, staging, object, null, skip);
    await note({ object: object.name, staged: String(staged), watermark });
  }
  const archived = await archiveRows(context, staging, null);
  await deps.ledger.stagings.finish(staging, watermark);
  await deps.ledger.trail.note(ref.run, null, 'exported', { staged, archived });
  const done = [plan.pilot, ...plan.waves].filter((wave) => wave.accounts.every((account) => skip.has(account))).map(({ name }) => name);
  return { staged, archived, done };
}
