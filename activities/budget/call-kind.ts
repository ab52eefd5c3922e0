import { asyncLocalStorage } from '@temporalio/activity';
import type { AllActivities } from '../../contracts/activities.ts';
import type { CallKind } from '../../domain/budget/grant.ts';

/**
 * What the calls of each activity are for. A switch is live: its accounts are closed to people meanwhile. So are guards, which loads wait for. Those that
 * call no system with a limit stand under the least urgent.
 */
export const kindOfActivity: Readonly<Record<keyof AllActivities, CallKind>> = {
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
  judgeGuards: 'live',
  preflight: 'verification',
  openWave: 'verification',
  probeWayBack: 'verification',
  verifyWave: 'verification',
  compareBooks: 'verification',
  openGate: 'verification',
  judgeGate: 'verification',
  freezeConfiguration: 'load',
  exportAll: 'load',
  planLoad: 'load',
  planTombstones: 'load',
  loadLane: 'load',
  retireRecords: 'load',
  openRun: 'load',
  lookAtRun: 'load',
  beginStep: 'load',
  endStep: 'load',
  unendedStep: 'load',
  noteEnd: 'load',
  endOf: 'load',
  enterPhase: 'load',
  endRun: 'load',
  placeHold: 'load',
  liftHolds: 'load',
  standingNow: 'load',
  noteEvent: 'load',
  waveStands: 'load',
  beginAttempt: 'load',
  enterShadow: 'load',
  openAttempt: 'load',
  leaveGate: 'load',
  recordDecisions: 'load',
};

/** What the calls are for that are made now, by the activity that makes them; calls outside of one are the load's. */
export function callKind(): CallKind {
  const name = asyncLocalStorage.getStore()?.info.activityType;
  return name !== undefined && Object.hasOwn(kindOfActivity, name) ? kindOfActivity[name as keyof AllActivities] : 'load';
}
