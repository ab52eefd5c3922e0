import { workflowInfo, type SignalDefinition } from '@temporalio/workflow';
import type { Recorded } from '../contracts/activities.ts';
import { sharedWave } from '../contracts/messages.ts';
import { quickly } from './activity-proxies.ts';
import type { Run, RollbackOrder } from './run/state.ts';
import { abandonSignal, decidedSignal, measureSignal } from './signals.ts';
import { signalIfThere } from './signal-if-there.ts';
import { hearStanding } from './steps.ts';
import { condition } from './timers.ts';

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
    await condition(
      () => !run.inbox.isEmpty || run.breaches.length > 0 || run.stopsAsked.length > 0 || run.isAsked || run.isLeaving || run.end !== null,
    );
    await recordStopsAsked(run);
    await answerBreaches(run, orders);
    await passOn(run);
    const messages = run.inbox.take(batch);
    if (messages.length === 0) continue;
    const counting = (await quickly.recordDecisions(run.ref, messages)).filter((recorded) => run.inbox.settle(recorded));
    run.show({});
    for (const recorded of counting) await carryOut(run, orders, recorded);
    // Once for all of them: each time the gate looks at its evidence and at all decisions.
    if (counting.some(({ verb }) => verb !== null && moveGates.has(verb))) await tellNews(run);
  }
}

/** The verbs after which a gate looks again. */
const moveGates: ReadonlySet<string> = new Set(['go', 'noGo', 'resume']);

/** The ledger has done it already; here the run hears of it, and so does the child that works on the present wave. */
async function carryOut(run: Run, orders: Orders, { requestId, verb, scope, reason }: Recorded): Promise<void> {
  switch (verb) {
    case 'noGo':
    case 'hold':
    case 'resume':
      return hearStanding(run);
    case 'rollback':
      return order(run, orders, { requestId, scope: scope ?? 'run', reason });
    case 'go':
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
    if (await quickly.placeHold(run.ref, { scope: 'run', source: 'temporal', reason, follows: null, cause })) await hearStanding(run);
    if (workflow === run.ref.run) run.isLeaving = true;
  }
}

/** Somebody asked to measure again: a wave is told, a gate of the run itself hears it by the flag. */
async function passOn(run: Run): Promise<void> {
  if (!run.isAsked) return;
  run.isAsked = false;
  run.again = run.child === null;
  await tell(run, measureSignal);
}

/** A gate looks at its decisions again. */
async function tellNews(run: Run): Promise<void> {
  run.news = true;
  await tell(run, decidedSignal);
}

/** A pause stands in the ledger since its breach was stored; a rollback is ordered as if somebody had sent it. */
async function answerBreaches(run: Run, orders: Orders): Promise<void> {
  const breaches = run.breaches.splice(0);
  for (const breach of breaches) {
    if (breach.attempt !== run.attempt(breach.wave) || breach.answer !== 'rollback' || breach.wave === sharedWave) continue;
    await order(run, orders, {
      requestId: `breach-${breach.guard}-${breach.wave}-${String(breach.attempt)}`,
      scope: breach.wave,
      reason: breach.reason,
    });
  }
  if (breaches.length > 0) await hearStanding(run);
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
