import type { AllActivities } from '../contracts/activities.ts';
import type { Deps } from './deps.ts';
import { judgeGate, leaveGate, openAttempt, openGate } from './gates/gate.ts';
import { recordDecisions } from './gates/record-decisions.ts';
import { judgeGuards } from './guards/judge-guards.ts';
import { loadLane } from './load/load-lane.ts';
import { planLoad, planTombstones } from './load/plan-load.ts';
import { finishUndo } from './rollback/finish-undo.ts';
import { searchLeftovers } from './rollback/leftovers.ts';
import { exportNewBusiness } from './rollback/new-business.ts';
import { endSessions, raiseWave, settleOpen } from './rollback/raise.ts';
import { planUndo, undoLane } from './rollback/undo-lane.ts';
import { exportAll, freezeConfiguration } from './run/export.ts';
import { lookAtRun } from './run/look-at-run.ts';
import { openRun } from './run/open-run.ts';
import { beginStep, endOf, endStep, noteEnd, unendedStep } from './run/steps.ts';
import { waveStands } from './run/take-up.ts';
import { preflight } from './run/preflight.ts';
import { endRun } from './run/end-run.ts';
import { enterPhase, liftHolds, noteEvent, placeHold, standingNow } from './run/run-state.ts';
import { compareBooks } from './verify/compare.ts';
import { verifyWave } from './verify/verify-wave.ts';
import { probeWayBack, smokeTest } from './waves/canaries.ts';
import { stageDelta } from './waves/delta.ts';
import { finishSwitch, retireRecords } from './waves/finish-switch.ts';
import { freezeWave, thawWave } from './waves/freeze.ts';
import { beginAttempt, enterShadow, openWave } from './waves/open-wave.ts';
import { sealWave } from './waves/seal.ts';
import { planSwitch, switchLane } from './waves/switch-lane.ts';
import { toFailures } from './to-failure.ts';

/** All activities of the runner, bound to what they need; each translates the failures of its systems for Temporal. */
export function createActivities(deps: Deps): AllActivities {
  return toFailures({
    openRun: openRun(deps),
    lookAtRun: lookAtRun(deps),
    beginStep: beginStep(deps),
    endStep: endStep(deps),
    unendedStep: unendedStep(deps),
    noteEnd: noteEnd(deps),
    endOf: endOf(deps),
    preflight: preflight(deps),
    enterPhase: enterPhase(deps),
    freezeConfiguration: freezeConfiguration(deps),
    exportAll: exportAll(deps),
    endRun: endRun(deps),
    placeHold: placeHold(deps),
    liftHolds: liftHolds(deps),
    standingNow: standingNow(deps),
    noteEvent: noteEvent(deps),
    openWave: openWave(deps),
    beginAttempt: beginAttempt(deps),
    waveStands: waveStands(deps),
    probeWayBack: probeWayBack(deps),
    freezeWave: freezeWave(deps),
    stageDelta: stageDelta(deps),
    planLoad: planLoad(deps),
    planTombstones: planTombstones(deps),
    loadLane: loadLane(deps),
    enterShadow: enterShadow(deps),
    verifyWave: verifyWave(deps),
    compareBooks: compareBooks(deps),
    sealWave: sealWave(deps),
    planSwitch: planSwitch(deps),
    switchLane: switchLane(deps),
    finishSwitch: finishSwitch(deps),
    smokeTest: smokeTest(deps),
    retireRecords: retireRecords(deps),
    openAttempt: openAttempt(deps),
    openGate: openGate(deps),
    judgeGate: judgeGate(deps),
    leaveGate: leaveGate(deps),
    recordDecisions: recordDecisions(deps),
    judgeGuards: judgeGuards(deps),
    raiseWave: raiseWave(deps),
    endSessions: endSessions(deps),
    settleOpen: settleOpen(deps),
    exportNewBusiness: exportNewBusiness(deps),
    planUndo: planUndo(deps),
    undoLane: undoLane(deps),
    searchLeftovers: searchLeftovers(deps),
    thawWave: thawWave(deps),
    finishUndo: finishUndo(deps),
  });
}
