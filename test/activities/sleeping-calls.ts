import type { AllActivities } from '../../contracts/activities.ts';
import { gateNames, sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { erpTables } from '../../scripts/dev/oracle.ts';
import { askDatabase, type SqlRow } from '../../scripts/dev/sql.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import { crmTable, inLegacy } from '../support/arena/people.ts';
import type { Bench } from './bench.ts';

/** Lanes that were planned for the attempt that sleeps. */
export interface SleptLanes {
  readonly load: number;
  readonly switch: number;
  readonly undo: number;
}

/** The order to take the whole run back whose call to lift the holds before it sleeps. */
export const sleptOrder = 'slept order';

/** One old call of every activity, as a process would make it that slept since: a new activity without an entry fails the test. */
export function sleptCalls(
  act: AllActivities,
  ref: WaveRef,
  lanes: SleptLanes,
  object: string,
): Readonly<Record<string, () => Promise<unknown>>> {
  const { run, planHash, envHash } = ref;
  const ofRun = { run, planHash, envHash };
  const gate = { ...ofRun, gate: gateNames.switch(ref.wave), kind: 'switch', wave: ref.wave } as const;
  return {
    openRun: () => act.openRun(ofRun),
    lookAtRun: () => act.lookAtRun(ofRun),
    beginStep: () => act.beginStep(ref, 'freeze'),
    endStep: () => act.endStep(ref, 'freeze', 1),
    unendedStep: () => act.unendedStep(ref, 'freeze'),
    noteEnd: () => act.noteEnd(ofRun, 'slept', {}),
    endOf: () => act.endOf('slept'),
    preflight: () => act.preflight(ofRun),
    enterPhase: () => act.enterPhase(ofRun, 'pilot'),
    freezeConfiguration: () => act.freezeConfiguration(ofRun),
    exportAll: () => act.exportAll(ofRun),
    endRun: () => act.endRun(ofRun, 'rolledBack'),
    placeHold: () => act.placeHold(ofRun, { scope: 'run', source: 'run', reason: 'slept', follows: null, cause: 'slept' }),
    liftHolds: () => act.liftHolds(ofRun, sleptOrder, 'slept'),
    standingNow: () => act.standingNow(ofRun),
    noteEvent: () => act.noteEvent(ofRun, ref.wave, 'slept', {}),
    openWave: () => act.openWave(ref),
    beginAttempt: () => act.beginAttempt(ref),
    waveStands: () => act.waveStands(ref),
    probeWayBack: () => act.probeWayBack(ref),
    freezeWave: () => act.freezeWave(ref),
    stageDelta: () => act.stageDelta(ref),
    planLoad: () => act.planLoad(ref, object),
    planTombstones: () => act.planTombstones(ref),
    loadLane: () => act.loadLane(ref, lanes.load),
    enterShadow: () => act.enterShadow(ref),
    verifyWave: () => act.verifyWave(ref),
    compareBooks: () => act.compareBooks(ref),
    sealWave: () => act.sealWave(ref),
    planSwitch: () => act.planSwitch(ref),
    switchLane: () => act.switchLane(ref, lanes.switch),
    finishSwitch: () => act.finishSwitch(ref),
    smokeTest: () => act.smokeTest(ref),
    retireRecords: () => act.retireRecords({ ...ref, wave: sharedWave }),
    openAttempt: () => act.openAttempt(gate),
    openGate: () => act.openGate(gate),
    judgeGate: () => act.judgeGate(gate, 1),
    leaveGate: () => act.leaveGate(gate, 1),
    recordDecisions: () => act.recordDecisions(ofRun, []),
    judgeGuards: () => act.judgeGuards(ofRun),
    raiseWave: () => act.raiseWave(ref, 'slept', 'slept'),
    endSessions: () => act.endSessions(ref),
    settleOpen: () => act.settleOpen(ref),
    exportNewBusiness: () => act.exportNewBusiness(ref),
    planUndo: () => act.planUndo(ref),
    undoLane: () => act.undoLane(ref, lanes.undo),
    searchLeftovers: () => act.searchLeftovers(ref),
    thawWave: () => act.thawWave(ref),
    finishUndo: () => act.finishUndo(ref),
  };
}

/**
 * The systems' own tables, what is ours in legacy, and the ledger's books and states; audit rows, measurements and canaries,
 * which prove the way in every state and take themselves back, aside.
 */
export async function wholeWorld({ business, ref }: Bench): Promise<Tables> {
  const ours = async (name: string, order: string): Promise<readonly SqlRow[]> => {
    const there = await inLegacy(business, 'admin', `select to_regclass('cutover.${name}') is not null as there`);
    return there[0]?.['there'] === true ? inLegacy(business, 'admin', `select * from cutover.${name} order by ${order}`) : [];
  };
  return {
    ...(await legacyTables(business.legacy.admin)),
    ...(await ledgerTables(business.ledgerUrl, ref.run)),
    ...prefixed('erp', await erpTables(business)),
    'crm Account': await crmTable(business, 'Account'),
    'crm Lead': await crmTable(business, 'Lead'),
    'our freezes in legacy': await ours('freeze', 'account, wave'),
  };
}

async function ledgerTables(url: string, run: string): Promise<Tables> {
  const of = `where run = '${run}'`;
  const statements = {
    books: 'select scope, account, run, wave, book from book where until is null order by account',
    waves: `select name, state, attempt, generation, staged_generation, watermark, opened_at, switched_at, ended_at from wave ${of} order by ordinal`,
    run: `select state, phase, scope, fingerprint, ended_at from run where id = '${run}'`,
    holds: `select number, reason, lifted_at from hold ${of} order by number`,
    stops: `select scope, attempt, verb, request_id from stop ${of} order by request_id`,
    freezes: `select wave, account, generation, number, state from freeze_item ${of} order by wave, account`,
    'lanes of the pilot': `select id, attempt, kind from lane ${of} and wave = 'pilot' and kind <> 'probe' order by id`,
    staged: 'select object, source_id, revision, wave, disposition from record where latest order by object, source_id',
    crosswalk: `select id, object, source_id, target_id, state, run, wave from crosswalk where object not like 'canary-%' order by id`,
    effects: `select id, status, attempt from effect ${of} and object not like 'canary-%' order by ordinal`,
  };
  const rows = await askDatabase(url, Object.values(statements));
  return Object.fromEntries(Object.keys(statements).map((name, index) => [`ledger ${name}`, rows[index] ?? []]));
}

async function legacyTables(url: string): Promise<Tables> {
  const [names = []] = await askDatabase(url, [`select tablename::text as name from pg_tables where schemaname = 'public' order by 1`]);
  const statements = names.map(({ name }) => `select * from public."${String(name)}" as t order by t::text`);
  const rows = await askDatabase(url, statements);
  return Object.fromEntries(names.map(({ name }, index) => [`legacy ${String(name)}`, rows[index] ?? []]));
}

function prefixed(system: string, tables: Tables): Tables {
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [`${system} ${name}`, rows]));
}
