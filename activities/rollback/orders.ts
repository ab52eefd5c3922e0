import { isNewBusiness } from '../../domain/rollback/new-business.ts';
import type { WaveRow } from '../../ledger/waves.ts';
import type { Context } from '../deps.ts';
import { capabilityOf } from '../effects/proof.ts';
import { ownersOf } from './belonging.ts';

/**
 * How many documents people would have to enter again in legacy if each of these waves went back: those that others made since its switch began and did
 * not cancel, of its own accounts or of nobody we moved. The change feed of the target is read once for all of them, from the oldest switch on. None
 * where a switch never began.
 */
export async function ordersToEnter(context: Context, waves: readonly WaveRow[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map(waves.map(({ name }) => [name, 0]));
  const marks = await marksOf(context, waves);
  const [oldest] = marks;
  const { plan } = context.sys;
  const port = context.sys.target(plan.roles.target);
  const documents = plan.objects
    .filter(({ mode, target: { system } }) => mode === 'move' && system === plan.roles.target)
    .map(({ target }) => target.object)
    .filter((name) => capabilityOf(port.capabilities.objects, name).owner !== null);
  if (oldest === undefined || documents.length === 0) return counts;
  // Nobody's documents that are younger than the mark at this place, and older than the one behind it.
  const nobodys = marks.map(() => 0);
  const sinceMs = new Map(marks.map(({ wave, since }) => [wave, since.getTime()]));
  for await (const page of port.changesSince([...new Set(documents)], oldest.since.toISOString())) {
    const made = page.filter(
      ({ change, object, state }) =>
        change === 'created' && isNewBusiness(change, capabilityOf(port.capabilities.objects, object).void.includes(state), 'nobody'),
    );
    const owners = made.length === 0 ? null : await ownersOf(context, made);
    for (const change of made) {
      const madeMs = Date.parse(change.createdAt ?? '');
      const own = owners?.waves(change) ?? null;
      const place = marks.findLastIndex(({ since }) => since.getTime() <= madeMs);
      if (own === null) nobodys[place] = (nobodys[place] ?? 0) + 1;
      else for (const wave of own) if ((sinceMs.get(wave) ?? Infinity) <= madeMs) counts.set(wave, (counts.get(wave) ?? 0) + 1);
    }
  }
  let since = 0;
  for (const [place, { wave }] of [...marks.entries()].reverse()) {
    since += nobodys[place] ?? 0;
    counts.set(wave, (counts.get(wave) ?? 0) + since);
  }
  return counts;
}

/** When the switch of each of these waves began, by the target's own clock, oldest first; without those whose switch never began. */
async function marksOf(
  { ledger, ref }: Context,
  waves: readonly WaveRow[],
): Promise<readonly { readonly wave: string; readonly since: Date }[]> {
  const attempts = new Map(waves.map(({ name, attempt }) => [name, attempt]));
  const marks = (await ledger.marks.ofRun(ref.run)).filter(({ wave, attempt }) => attempts.get(wave) === attempt);
  return marks.map(({ wave, earliest }) => ({ wave, since: earliest }));
}
