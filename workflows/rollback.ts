import type { WaveRef } from '../contracts/messages.ts';
import { laneRun, longRun, overAll, quickly } from './activity-proxies.ts';
import { asChild } from './child.ts';
import { runLane } from './lanes.ts';
import { goOnAnew, restIfOver, GoesOnAnew } from './long.ts';
import { sleep } from './timers.ts';

/** What a rollback came to. */
export interface RollbackEnd {
  readonly wave: string;
  readonly state: 'rolledBack' | 'rolledBackWithExceptions' | 'nothingToUndo';
  readonly undone: number;
  readonly kept: number;
}

/**
 * Takes one wave back (P7). It runs to its end whatever is cancelled around it, and works from the ledger's effects alone: where its history becomes
 * long it continues as new (`isRaised`), and finds what is done.
 */
export function rollback(ref: WaveRef, requestId: string, reason: string, isRaised = false): Promise<RollbackEnd> {
  return asChild(ref, async () => {
    if (!isRaised && !(await quickly.raiseWave(ref, requestId, reason)))
      return { wave: ref.wave, state: 'nothingToUndo', undone: 0, kept: 0 };
    try {
      return await takeBack(ref);
    } catch (error) {
      if (!(error instanceof GoesOnAnew)) throw error;
      return goOnAnew<typeof rollback>(ref, requestId, reason, true);
    }
  });
}

async function takeBack(ref: WaveRef): Promise<RollbackEnd> {
  await quickly.endSessions(ref);
  await settle(ref);
  await overAll.exportNewBusiness(ref);
  do {
    await undo(ref);
    await settle(ref);
  } while ((await longRun('search for what still stands').searchLeftovers(ref)) > 0);
  await overAll.exportNewBusiness(ref);
  await overAll.thawWave(ref);
  // Until legacy was open again people had nowhere else to enter an order: what came in meanwhile is read once more.
  await overAll.exportNewBusiness(ref);
  return { wave: ref.wave, ...(await overAll.finishUndo(ref)) };
}

/** Waits until no call of the wave is of unknown outcome any more. */
async function settle(ref: WaveRef): Promise<void> {
  for (;;) {
    const { open, waitMs } = await longRun('settle calls of unknown outcome').settleOpen(ref);
    if (open === 0) return;
    restIfOver();
    await sleep(Math.max(50, waitMs), { summary: `${String(open)} calls of unknown outcome: waiting for the target's horizon` });
  }
}

async function undo(ref: WaveRef): Promise<void> {
  const lanes = await overAll.planUndo(ref);
  for (const [index, lane] of lanes.entries()) {
    const name = `undo lane ${String(index + 1)} of ${String(lanes.length)}`;
    await runLane(name, { resumed: false }, () => laneRun(name).undoLane(ref, lane));
    restIfOver();
  }
}
