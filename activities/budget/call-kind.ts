import { asyncLocalStorage } from '@temporalio/activity';
import type { AllActivities } from '../../contracts/activities.ts';
import type { CallKind } from '../../domain/budget/grant.ts';

/** What the calls of an activity are for; those of all others are the load's. A switch is live: its accounts are closed to people meanwhile. So are guards, which loads wait for. */
const kinds: Readonly<Partial<Record<keyof AllActivities, CallKind>>> = {
  raiseWave: 'rollback',
  endSessions: 'rollback',
  settleOpen: 'rollback',
  exportNewBusiness: 'rollback',
  planUndo: 'rollback',
  undoLane: 'rollback',
  searchLeftovers: 'rollback',
  thawWave: 'rollback',
  finishUndo: 'rollback',
  freezeWave: 'live',
  stageDelta: 'live',
  sealWave: 'live',
  planSwitch: 'live',
  switchLane: 'live',
  finishSwitch: 'live',
  smokeTest: 'live',
  preflight: 'verification',
  openWave: 'verification',
  probeWayBack: 'verification',
  verifyWave: 'verification',
  compareBooks: 'verification',
  openGate: 'verification',
  judgeGate: 'verification',
  judgeGuards: 'live',
};

/** What the calls are for that are made now, by the activity that makes them. */
export function callKind(): CallKind {
  const name = asyncLocalStorage.getStore()?.info.activityType;
  return (name === undefined ? undefined : kinds[name as keyof AllActivities]) ?? 'load';
}
