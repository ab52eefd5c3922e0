import { ActivityFailure, ApplicationFailure, proxyActivities as proxied, type ActivityOptions } from '@temporalio/workflow';
import type { AllActivities } from '../contracts/activities.ts';
import { waitsForBudget, type BudgetWaitTold } from '../contracts/calls.ts';
import { asSummary } from '../contracts/metadata.ts';
import { askInMs } from '../domain/budget/asking.ts';
import { sleep } from './timers.ts';

/** Refused records and missing rights are mended by people while the activity is tried again; the pause between tries stays short enough to notice. */
const retry = { initialInterval: '500ms', maximumInterval: '15s', backoffCoefficient: 2 } as const;

/** Every activity shows a pulse each second: a dead or sleeping worker is noticed within four, and another one goes on from the ledger. */
const pulse = { heartbeatTimeout: '4s' } as const;

/** Ledger work and single reads: seconds. */
const quick: ActivityOptions = { ...pulse, startToCloseTimeout: '60s', retry };

/** Work over many records. A cancelled one is not waited for: safety lies in the ledger. */
const long: ActivityOptions = { ...pulse, startToCloseTimeout: '2h', cancellationType: 'TRY_CANCEL', retry };

/** A look of the watcher reads what the waves hold; one that hangs is begun again while people still wait for it. */
const watching: ActivityOptions = { ...pulse, startToCloseTimeout: '15m', retry };

/** Readiness and probes answer in minutes or are wrong: their failures are shown, not repeated for ever. */
const checked: ActivityOptions = { ...pulse, startToCloseTimeout: '10m', retry: { ...retry, maximumAttempts: 8 } };

/**
 * Activities of which each is called again where the system it needs takes no more calls for now: a timer waits, named by the reason and the time, so
 * that the Timeline shows both. No try of the activity is used up by that.
 */
function proxyActivities(options: ActivityOptions): AllActivities {
  const { summary } = options;
  const shown = summary === undefined ? options : { ...options, summary: asSummary(summary) };
  const activities = proxied<AllActivities>(shown) as unknown as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  const patient =
    (name: string) =>
    async (...args: unknown[]): Promise<unknown> => {
      for (let asked = 0; ; asked += 1) {
        try {
          return await activities[name]?.(...args);
        } catch (error) {
          const cause = error instanceof ActivityFailure ? error.cause : undefined;
          if (!(cause instanceof ApplicationFailure) || cause.type !== waitsForBudget) throw error;
          const [told] = (cause.details ?? []) as [BudgetWaitTold?];
          await sleep(askInMs(told?.waitMs, asked), { summary: cause.message });
        }
      }
    };
  return new Proxy(activities, { get: (_, name) => patient(String(name)) }) as unknown as AllActivities;
}

/** Quick activities that the Timeline shows by their own names. */
export const quickly = proxyActivities(quick);

/** Quick activities, each with its summary. */
export function named(summary: string): Pick<AllActivities, 'enterPhase'> {
  return proxyActivities({ ...quick, summary });
}

/** Activities over many records, each with its summary. */
export function longRun(
  summary: string,
): Pick<
  AllActivities,
  | 'exportAll'
  | 'stageDelta'
  | 'verifyWave'
  | 'compareBooks'
  | 'freezeWave'
  | 'sealWave'
  | 'searchLeftovers'
  | 'smokeTest'
  | 'settleOpen'
  | 'openGate'
  | 'judgeGate'
> {
  return proxyActivities({ ...long, summary });
}

/** Lists of what lanes are to do, and what goes over all records of a wave, each under its own name. */
export const overAll: Pick<
  AllActivities,
  | 'planLoad'
  | 'planTombstones'
  | 'planSwitch'
  | 'planUndo'
  | 'retireRecords'
  | 'finishSwitch'
  | 'exportNewBusiness'
  | 'thawWave'
  | 'finishUndo'
> = proxyActivities(long);

/** The end of a run, which verifies all of its archive. */
export const ending: Pick<AllActivities, 'endRun'> = proxyActivities(long);

/** Looks of the watcher. */
export const looking: Pick<AllActivities, 'judgeGuards'> = proxyActivities(watching);

/** One lane of a load, a switch or an undo. */
export function laneRun(summary: string): Pick<AllActivities, 'loadLane' | 'switchLane' | 'undoLane'> {
  return proxyActivities({ ...long, summary });
}

/** Checks that either pass or say what is wrong. */
export function check(summary: string): Pick<AllActivities, 'openWave' | 'probeWayBack'> {
  return proxyActivities({ ...checked, summary });
}

/** The check of everything the run depends on, every record of the source among it. */
export function checkAll(summary: string): Pick<AllActivities, 'preflight'> {
  return proxyActivities({ ...checked, startToCloseTimeout: '2h', summary });
}
