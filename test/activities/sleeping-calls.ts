import { Client } from 'pg';
import type { AllActivities } from '../../contracts/activities.ts';
import { gateNames, sharedWave, type WaveRef } from '../../contracts/messages.ts';
import { erpTables } from '../../scripts/dev/oracle.ts';
import type { SqlRow } from '../../scripts/dev/sql.ts';
import type { Tables } from '../../scripts/dev/tables.ts';
import { crmTable } from '../support/arena/people.ts';
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
 * which prove the way in every state and take themselves back, aside. It is looked at hundreds of times, so its connections stay open.
 */
export class World {
  readonly #bench: Bench;
  readonly #legacy: Client;
  readonly #ledger: Client;

  private constructor(bench: Bench, legacy: Client, ledger: Client) {
    this.#bench = bench;
    this.#legacy = legacy;
    this.#ledger = ledger;
  }

  static async open(bench: Bench): Promise<World> {
    const { legacy, ledgerUrl } = bench.business;
    const clients = [new Client(legacy.admin), new Client(ledgerUrl)] as const;
    for (const client of clients) await client.connect();
    return new World(bench, ...clients);
  }

  async close(): Promise<void> {
    await Promise.all([this.#legacy.end(), this.#ledger.end()]);
  }

  async look(): Promise<Tables> {
    const { business, ref } = this.#bench;
    return {
      ...(await legacyTables(this.#legacy)),
      ...(await ledgerTables(this.#ledger, ref.run)),
      ...prefixed('erp', await erpTables(business)),
      'crm Account': await crmTable(business, 'Account'),
      'crm Lead': await crmTable(business, 'Lead'),
      'our freezes in legacy': await ourFreezes(this.#legacy),
    };
  }
}

async function rowsOf(client: Client, statement: string): Promise<readonly SqlRow[]> {
  return (await client.query<SqlRow>(statement)).rows;
}

async function ourFreezes(legacy: Client): Promise<readonly SqlRow[]> {
  const [found] = await rowsOf(legacy, `select to_regclass('cutover.freeze') is not null as there`);
  return found?.['there'] === true ? rowsOf(legacy, 'select * from cutover.freeze order by account, wave') : [];
}

async function ledgerTables(ledger: Client, run: string): Promise<Tables> {
  const of = `where run = '${run}'`;
  const statements = {
    books: 'select scope, account, run, wave, book from book where until is null order by account',
    waves: `select name, state, attempt, generation, staged_generation, watermark, opened_at, switched_at, ended_at from wave ${of} order by ordinal`,
    run: `select state, phase, scope, fingerprint, ended_at from run where id = '${run}'`,
    holds: `select number, reason, lifted_at from hold ${of} order by number`,
    stops: `select scope, attempt, verb, request_id from stop ${of} order by request_id`,
    freezes: `select wave, account, generation, number, state from freeze_item ${of} order by wave, account`,
    joined: `select account, wave from joined ${of} order by account`,
    'lanes of the pilot': `select id, attempt, kind from lane ${of} and wave = 'pilot' and kind <> 'probe' order by id`,
    staged: 'select object, source_id, revision, wave, disposition from record where latest order by object, source_id',
    crosswalk: `select id, object, source_id, target_id, state, run, wave from crosswalk where object not like 'canary-%' order by id`,
    effects: `select id, status, attempt from effect ${of} and object not like 'canary-%' order by ordinal`,
  };
  const tables: Record<string, readonly SqlRow[]> = {};
  for (const [name, statement] of Object.entries(statements)) tables[`ledger ${name}`] = await rowsOf(ledger, statement);
  return tables;
}

async function legacyTables(legacy: Client): Promise<Tables> {
  const tables: Record<string, readonly SqlRow[]> = {};
  for (const { name } of await rowsOf(legacy, `select tablename::text as name from pg_tables where schemaname = 'public' order by 1`))
    tables[`legacy ${String(name)}`] = await rowsOf(legacy, `select * from public."${String(name)}" as t order by t::text`);
  return tables;
}

function prefixed(system: string, tables: Tables): Tables {
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [`${system} ${name}`, rows]));
}
