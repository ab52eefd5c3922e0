import { condition, uuid4, workflowInfo, type SignalDefinition } from '@temporalio/workflow';
import type { Recorded } from '../contracts/activities.ts';
import { sharedWave } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import type { Run, RollbackOrder } from './run/state.ts';
import { abandonSignal, decidedSignal, heldSignal, resumedSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';

/** Messages verified in one activity at most. */
const batch = 50;

/** What the clerk can do to the run when a rollback is ordered. */
export interface Orders {
  /** Ends the forward work of the whole run. */
  stopRun(): void;
  /** Takes back a wave that nothing works on now. */
  takeBackIdle(order: RollbackOrder): void;
}

/**
 * The clerk works beside the run for as long as it lives: records every message with its verdict, carries out what counts, and answers the
 * breaches of the guards. Rollback goes before pause; the first rollback wins and later ones attach to it.
 */
export async function clerk(run: Run, orders: Orders): Promise<void> {
  while (run.end === null && !run.isLeaving) {
    await condition(() => !run.inbox.isEmpty || run.breaches.length > 0 || run.stopsAsked.length > 0 || run.isLeaving || run.end !== null);
    await recordStopsAsked(run);
    await answerBreaches(run, orders);
    const messages = run.inbox.take(batch);
    if (messages.length === 0) continue;
    for (const recorded of await quickly.recordDecisions(run.ref, messages)) {
      const counts = run.inbox.settle(recorded);
      run.show({});
      if (counts) await carryOut(run, orders, recorded);
    }
  }
}

async function carryOut(run: Run, orders: Orders, { requestId, verb, scope, reason }: Recorded): Promise<void> {
  switch (verb) {
    case 'go':
    case 'noGo':
      run.news = true;
      return tell(run, decidedSignal);
    case 'hold':
      return hold(run, reason);
    case 'resume':
      return resume(run);
    case 'rollback':
      return order(run, orders, { requestId, scope: scope ?? 'run', reason });
    case null:
  }
}

/**
 * A request for cancellation in Temporal carries no name and no right: it holds the run, and says so. Temporal delivers one such request to an
 * execution, so the run then continues as new and hears the next.
 */
async function recordStopsAsked(run: Run): Promise<void> {
  for (const workflow of run.stopsAsked.splice(0)) {
    const reason = `somebody asked in Temporal, unsigned, for the cancellation of ${workflow}; nothing was taken back: resume the run, or order a rollback`;
    const cause = `temporal ${workflow} ${workflowInfo().runId}`;
    if (await quickly.placeHold(run.ref, { scope: 'run', source: 'temporal', reason, follows: null, cause })) await markHeld(run, reason);
    if (workflow === run.ref.run) run.isLeaving = true;
  }
}

/** A pause holds the run with its reason; a rollback is ordered as if somebody had sent it. */
async function answerBreaches(run: Run, orders: Orders): Promise<void> {
  for (const breach of run.breaches.splice(0)) {
    if (breach.attempt !== run.attempt(breach.wave)) continue;
    if (breach.answer === 'rollback')
      await order(run, orders, {
        requestId: `breach-${breach.guard}-${breach.wave}-${String(breach.attempt)}`,
        scope: breach.wave,
        reason: breach.reason,
      });
    else if (run.held === null) await markHeld(run, breach.reason);
  }
}

async function hold(run: Run, reason: string): Promise<void> {
  await quickly.placeHold(run.ref, { scope: 'run', source: 'run', reason, follows: null, cause: uuid4() });
  await markHeld(run, reason);
}

/** The ledger has it already: the run shows it, and begins no further step. */
async function markHeld(run: Run, reason: string): Promise<void> {
  run.held = reason;
  run.show({});
  await tell(run, heldSignal);
}

async function resume(run: Run): Promise<void> {
  await quickly.answerBreaches(run.ref, null);
  await quickly.liftHolds(run.ref, 'a resume');
  run.held = null;
  run.news = true;
  run.show({});
  await tell(run, resumedSignal);
}

async function order(run: Run, orders: Orders, asked: RollbackOrder): Promise<void> {
  if (run.order !== null && (run.order.scope === 'run' || run.order.scope === asked.scope)) return;
  if (asked.scope === 'run') {
    run.order = asked;
    orders.stopRun();
    await tell(run, abandonSignal);
  } else if (asked.scope === run.wave && run.child !== null) {
    run.order = asked;
    await tell(run, abandonSignal);
  } else if (asked.scope === sharedWave) {
    await hold(run, `${asked.reason}; the shared records go back only with the whole run`);
  } else {
    orders.takeBackIdle(asked);
  }
  run.show({});
}

/** Signals the child that works on the present wave; one that has just ended hears nothing, and needs to hear nothing. */
async function tell(run: Run, signal: SignalDefinition): Promise<void> {
  if (run.child === null) return;
  await signalIfThere(run.child, signal);
}
