import { BudgetWait } from '../../contracts/calls.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import { WaveMovedOn } from '../../domain/waves/moved-on.ts';
import type { Context } from '../deps.ts';
import { lanesOfUndo, undoLane } from '../rollback/undo-lane.ts';
import { shownNames } from '../../records/bare.ts';

/**
 * Lets accounts that stayed in legacy when their wave switched go with a wave that is about to open. What that wave wrote of them is taken back first,
 * as by a rollback of these accounts alone: from then on they are accounts of the new wave like any other. A wave that is taken back meanwhile keeps its own.
 */
export async function takeUpStayers(context: Context, ref: WaveRef): Promise<void> {
  const { ledger } = context;
  const switched = (await ledger.waves.all(ref.run)).filter(({ name, state }) => name !== ref.wave && state === 'switched');
  const left = await stayersOf(
    context,
    switched.map(({ name }) => name),
  );
  for (const { name, attempt } of switched) {
    if (!left.has(name)) continue;
    try {
      await takeUpFrom(context, ref, { ...ref, wave: name, attempt });
    } catch (error) {
      const now = await ledger.waves.get(ref.run, name);
      if (!(error instanceof WaveMovedOn) || (now.state === 'switched' && now.attempt === attempt)) throw error;
    }
  }
}

async function takeUpFrom(context: Context, ref: WaveRef, left: WaveRef): Promise<void> {
  const { ledger, scope } = context;
  const leaving = async (): Promise<readonly string[]> => (await stayersOf(context, [left.wave])).get(left.wave) ?? [];
  const staying = await leaving();
  if (staying.length === 0) return;
  await takeBack(context, left, staying);
  // What became of a write that took them back may be unknown too.
  const accounts = await leaving();
  if (accounts.length === 0) return;
  await ledger.joining.take(ref, left, { scope, accounts, voided: kindsThat('voidedByRollback') });
  await ledger.trail.note(ref.run, ref.wave, 'takenUp', { accounts: accounts.length, from: left.wave, named: shownNames(accounts) });
}

/** Accounts of these waves that stayed in legacy and may leave them, by wave. */
async function stayersOf(
  { ledger, ref, scope, sys: { plan } }: Context,
  waves: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const planned = [plan.pilot, ...plan.waves]
    .filter(({ name }) => waves.includes(name))
    .flatMap(({ name, accounts }) => accounts.map((account) => ({ account, wave: name })));
  const stayers = Map.groupBy(await ledger.joining.stayers(ref.run, { scope, waves, planned }), ({ wave }) => wave);
  return new Map([...stayers].map(([wave, those]) => [wave, those.map(({ account }) => account)]));
}

/** Takes back what a wave wrote of these accounts. Rejects with WaveMovedOn where the whole wave is taken back meanwhile. */
async function takeBack(context: Context, left: WaveRef, accounts: readonly string[]): Promise<void> {
  // A process that died may have left calls open in its lane: only that lane settles them.
  for (const lane of await context.ledger.lanes.unfinished(left, 'undo')) await runLane(context, left, lane);
  for (const lane of await lanesOfUndo(context, left, accounts)) await runLane(context, left, lane);
  const { length } = await context.ledger.effects.listTargets(left.run, left.wave, left.attempt, accounts);
  if (length > 0)
    throw new Error(`${String(length)} records that wave ${left.wave} wrote of accounts which stayed in legacy could not be taken back`);
}

/** Rejects with BudgetWait where the target takes no more calls for now: that may last longer than an activity may. */
async function runLane(context: Context, left: WaveRef, lane: number): Promise<void> {
  for (;;) {
    const { end, waitMs, why } = await undoLane(context)(left, lane);
    if (end === 'done') return;
    if (end === 'fenced') throw new WaveMovedOn(left.wave, left.attempt, 'leave', await context.ledger.waves.get(left.run, left.wave));
    // Another try has the lane by now; were it asked for again at once, the two would take it from each other for ever.
    if (end === 'held') throw new Error(`lane ${String(lane)} was taken by another try of the same work; this one is tried again`);
    if (end === 'budget') {
      const { object } = await context.ledger.lanes.get(lane);
      const system = context.sys.plan.objects.find(({ name }) => name === object)?.target.system;
      throw new BudgetWait(why, system ?? context.sys.plan.roles.target, waitMs);
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
