import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { leaveGate, openAttempt, openGate } from '../../activities/gates/gate.ts';
import { beginStep, endStep } from '../../activities/run/steps.ts';
import { gateNames, sharedWave, type WaitingGate, type WaveRef } from '../../contracts/messages.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { Client } from 'pg';
import { ErpPerson } from '../../scripts/dev/erp-person.ts';
import { askDatabase, withConnection, type SqlRow } from '../../scripts/dev/sql.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { inTry } from './alone.ts';
import { dying, runLane, startBench, undoAll, type Bench } from './bench.ts';
import { slowDeps } from './slow.ts';
import { books, refuse, worksOn } from './outside.ts';

let bench: Bench;

/** The activities of a worker that comes so slowly to this call of its ledger, the first time, that `meanwhile` is over before it. */
function slowAt<Part extends keyof Ledger>(part: Part, call: keyof Ledger[Part], meanwhile: () => Promise<unknown>): Bench['act'] {
  return dying(bench, slowDeps(bench.deps, part, call, meanwhile));
}

/**
 * Lets a try of an activity fall asleep in its transaction before it writes into a table of the ledger; `wakes` ends its sleep and awaits the try.
 */
async function asleepBefore(url: string, table: string, work: () => Promise<unknown>): Promise<{ readonly wakes: () => Promise<unknown> }> {
  const lock = new Client({ connectionString: url });
  await lock.connect();
  await lock.query(`begin; lock table ${table} in exclusive mode`);
  const sleeping = work();
  await waiting(url, 1, sleeping);
  return {
    wakes: async () => {
      await lock.query('commit');
      await lock.end();
      return sleeping;
    },
  };
}

/** Comes when so many statements wait for locks in the ledger, or all this is over. */
async function waiting(url: string, statements: number, all: Promise<unknown>): Promise<void> {
  const asks = `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  const over = all.then(
    () => true,
    () => true,
  );
  await withConnection(url, async (client) => {
    const isWaiting = async (): Promise<boolean> => Number((await client.query<SqlRow>(asks)).rows[0]?.['waiting']) >= statements;
    const soon = (): Promise<boolean> => new Promise((resolve) => setTimeout(resolve, 50, false));
    while (!(await isWaiting()) && !(await Promise.race([over, soon()])));
  });
}

/** A timed step, begun and ended. */
async function beginAndEnd(deps: Deps, wave: WaveRef): Promise<void> {
  const { round } = await beginStep(deps)(wave, 'soak');
  await endStep(deps)(wave, 'soak', round);
}

/** A business of its own for some tests, of which each goes on where the one before it left the pilot. */
function useBench(prepare: () => Promise<unknown> = () => bench.bringIn('pilot')): () => WaveRef {
  beforeAll(async () => {
    bench = await startBench({ timings: { callTimeout: '3s' } });
    await prepare();
  });
  afterAll(() => bench.stop());
  return () => bench.wave('pilot');
}

// Only what is not marked as moved on does Temporal try again.
const isTriedAgain = { name: 'Overtaken' };

/** What the trail tells of the attempts of a gate. */
const told = async (gate: string): Promise<readonly string[]> =>
  (await bench.ledger.trail.events(bench.ref.run))
    .filter(({ detail }) => detail['gate'] === gate)
    .map(({ kind, detail }) => `${kind} ${String(detail['attempt'])}`);

/** Calls an activity as this execution of a workflow, which asked for it at that time (epoch ms). */
function asExecution<T>(runId: string, scheduledTimestampMs: number, work: () => Promise<T>): Promise<T> {
  const call = {
    attempt: 1,
    workflowExecution: { workflowId: 'wave', runId },
    scheduledTimestampMs,
    activityId: String(scheduledTimestampMs),
  };
  return inTry(work, call, () => undefined);
}

describe('on its way to the switch', () => {
  const pilot = useBench();

  test('a try of a reading that slept and read first makes the present try begin again; it does not end the wave', async () => {
    const { act } = bench;
    await expect(slowAt('stagings', 'finish', () => act.stageDelta(pilot())).stageDelta(pilot())).rejects.toMatchObject(isTriedAgain);
    await expect(act.stageDelta(pilot())).resolves.toBe(0);
  });

  const phoneOfAlfki = (phone: string): Promise<unknown> =>
    inLegacy(bench.business, 'app', `update customers set phone = '${phone}' where customer_id = 'ALFKI'`);

  test.each([
    ['had read before it fell asleep', '030-01', (meanwhile: () => Promise<unknown>) => slowAt('lanes', 'plan', meanwhile)],
    ['fell asleep before it read', '030-02', (meanwhile: () => Promise<unknown>) => slowAt('runs', 'get', meanwhile)],
  ])('a try of the planning of a load that %s lets nobody pass over what changed since', async (_, phone, slow) => {
    const { act } = bench;
    await phoneOfAlfki(`${phone}1`);
    await act.stageDelta(pilot());
    const meanwhile = async (): Promise<void> => {
      await bench.load(pilot());
      await phoneOfAlfki(`${phone}2`);
      await act.stageDelta(pilot());
    };
    expect(await slow(meanwhile).planLoad(pilot(), 'customer')).toHaveLength(1);
    // As the wave does: nothing is loaded where nothing is said to be new.
    if (Number(await act.stageDelta(pilot())) > 0) await bench.load(pilot());
    expect(JSON.stringify(await erpTable(bench.business, 'party.party'))).toContain(`${phone}2`);
  });

  test('a canary whose lane another try has taken is called again; the wave goes on', async () => {
    const { act } = bench;
    const present = slowAt('calls', 'intend', () => act.probeWayBack(pilot())).probeWayBack(pilot());
    expect(await present).toMatchObject({ end: 'held' });
    expect(await act.probeWayBack(pilot())).toMatchObject({ end: 'done' });
  });

  test('a try of a freeze that slept and froze first makes the present try begin again; it does not end the wave', async () => {
    const { act } = bench;
    await expect(slowAt('freezes', 'confirm', () => act.freezeWave(pilot())).freezeWave(pilot())).rejects.toMatchObject(isTriedAgain);
    await expect(act.freezeWave(pilot())).resolves.toMatchObject({ generation: 3 });
    expect(await worksOn(bench, 'ALFKI')).toBe('is refused');
  });

  test('two tries of one call open one attempt of a gate, which the people who vote at it keep', async () => {
    const gate = { ...pilot(), gate: gateNames.switch('pilot'), kind: 'switch' as const };
    await bench.act.stageDelta(pilot());
    await bench.load(pilot());
    const open = (deps: Deps): Promise<WaitingGate> =>
      inTry(
        () => openGate(deps)(gate),
        { attempt: 1, activityId: 'the gate' },
        () => undefined,
      );
    expect((await open(slowDeps(bench.deps, 'gates', 'open', () => open(bench.deps)))).attempt).toBe(1);
    expect(await bench.ledger.gates.latest(bench.ref.run, gate.gate)).toMatchObject({ attempt: 1, state: 'open' });
  });

  test.each([
    ['a gate', (deps: Deps): Promise<unknown> => openGate(deps)({ ...pilot(), gate: gateNames.retry('pilot'), kind: 'retry' })],
    ['a step', (deps: Deps): Promise<unknown> => beginAndEnd(deps, pilot())],
  ])('a call for %s by an execution that was ended opens nothing behind that of its successor', async (what, ask) => {
    const asks = (deps: Deps, runId: string, askedMs: number): Promise<unknown> => asExecution(runId, askedMs, () => ask(deps));
    const successor = (): Promise<unknown> => asks(bench.deps, 'successor', 2_000);
    await asks(
      what === 'a gate' ? slowDeps(bench.deps, 'gates', 'open', successor) : slowDeps(bench.deps, 'steps', 'begin', successor),
      'ended',
      1_000,
    );
    const [own] = await askDatabase(bench.business.ledgerUrl, [
      what === 'a gate'
        ? `select attempt as number, state = 'open' as "isAsLeft" from gate where gate = '${gateNames.retry('pilot')}'`
        : `select round as number, ended_at is not null as "isAsLeft" from step where step = 'soak'`,
    ]);
    expect(own).toEqual([{ number: 1, isAsLeft: true }]);
    if (what === 'a gate') expect(await told(gateNames.retry('pilot'))).toEqual(['gateOpened 1']);
  });

  test('a call that leaves a gate ends nothing with which another execution goes on since it was asked for, and people vote there', async () => {
    const gate = { ...pilot(), gate: gateNames.retry('east'), kind: 'retry' as const };
    const state = async (): Promise<unknown> => (await bench.ledger.gates.latest(bench.ref.run, gate.gate))?.state;
    const leave = (runId: string, askedMs: number) => asExecution(runId, askedMs, () => leaveGate(bench.deps)(gate, 1));
    await asExecution('ended', 1_000, () => openGate(bench.deps)(gate));
    expect(await asExecution('successor', 3_000, () => openAttempt(bench.deps)(gate))).toMatchObject({ attempt: 1 });
    await leave('ended', 2_000);
    expect(await state()).toBe('open');
    // Nor does its call that opened the gate, which wakes still later.
    expect(await asExecution('ended', 1_000, () => openGate(bench.deps)(gate))).toMatchObject({ attempt: 1 });
    for (let times = 0; times < 2; times += 1) await leave('successor', 4_000);
    expect([await state(), await told(gate.gate)]).toEqual(['moot', ['gateOpened 1', 'gateEnded 1']]);
  });

  test('a judgement of a gate that slept decides nothing by what it had measured before the present one', async () => {
    const gate = { ...pilot(), gate: gateNames.switch('pilot'), kind: 'switch' as const };
    const person = await ErpPerson.enter(bench.business.erp);
    const [party = 0] = await person.search('party.party', [['code', '=', 'RATTC']]);
    const rename = (name: string): Promise<unknown> => person.call('party.party.write', [party], { name });
    const name = (await erpTable(bench.business, 'party.party')).find(({ code }) => code === 'RATTC')?.['name'];
    await rename('somebody else');
    const meanwhile = async (): Promise<void> => {
      await rename(String(name));
      expect(await bench.act.judgeGate(gate, 1, true)).toMatchObject({ state: 'waiting' });
    };
    await expect(slowAt('gates', 'end', meanwhile).judgeGate(gate, 1, true)).rejects.toMatchObject(isTriedAgain);
    expect(await bench.ledger.gates.latest(bench.ref.run, gate.gate)).toMatchObject({ attempt: 1, state: 'open' });
    expect(await bench.act.judgeGate(gate, 1, true)).toMatchObject({ state: 'waiting' });
  });

  test('a seal whose last reading is overtaken is tried again, and finds the switch that another try has begun', async () => {
    const { act } = bench;
    await expect(slowAt('stagings', 'finish', () => act.stageDelta(pilot())).sealWave(pilot())).rejects.toMatchObject(isTriedAgain);
    expect(await slowAt('acts', 'allow', () => act.sealWave(pilot())).sealWave(pilot())).toBe('sealed');
    expect(await worksOn(bench, 'ALFKI')).toBe('is refused');
    expect(await books(bench)).toMatchObject({ ALFKI: 'closed' });
  });
});

describe('on its way back', () => {
  const pilot = useBench();
  const lanesOfUndo = async (): Promise<readonly number[]> => {
    await bench.act.raiseWave(pilot(), 'back', 'slept');
    await bench.act.endSessions(pilot());
    return bench.act.planUndo(pilot());
  };

  test('a rollback that is taken up again fences a lane of its undo that nobody calls any more', async () => {
    const [lane = 0] = await lanesOfUndo();
    const point = (name: string): void => {
      if (name === 'afterIntent') throw new Error('killed');
    };
    // A process that died has closed nothing: its session stands in the target.
    const lanes = new Proxy(bench.ledger.lanes, {
      get: (own, name) =>
        name === 'endSession' ? () => Promise.resolve() : (Reflect.get(own, name) as (...args: readonly unknown[]) => unknown).bind(own),
    });
    await expect(dying(bench, { point, ledger: { ...bench.ledger, lanes } }).undoLane(pilot(), lane)).rejects.toThrow('killed');
    expect((await bench.ledger.calls.open({ run: bench.ref.run, wave: 'pilot' })).length).toBeGreaterThan(0);
    expect(await bench.act.raiseWave(pilot(), 'back', 'slept')).toBe(true);
    const { waitMs } = await bench.act.settleOpen(pilot());
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    expect(await bench.act.settleOpen(pilot())).toMatchObject({ open: 0 });
    expect((await bench.ledger.trail.events(bench.ref.run)).filter(({ kind }) => kind === 'rollbackBegan')).toHaveLength(1);
  });

  test('a try of an undo that slept writes down nothing of what the present try has settled', async () => {
    const [lane = 0] = await lanesOfUndo();
    const slept = slowAt('crosswalk', 'endRows', () => bench.act.undoLane(pilot(), lane)).undoLane(pilot(), lane);
    expect(await slept).toMatchObject({ end: 'held' });
    await undoAll(bench.act, pilot());
    expect((await erpTable(bench.business, 'party.party')).filter(({ code }) => code === 'ALFKI')).toEqual([]);
  });

  test('a try of the end of a run that slept and ended it is what the present try finds', async () => {
    await bench.act.thawWave(pilot());
    await bench.act.finishUndo(pilot());
    await bench.takeBack(bench.wave(sharedWave));
    await bench.act.finishUndo(bench.wave(sharedWave));
    const ends = (act: Bench['act']): Promise<string | null> => act.endRun(bench.ref, 'rolledBack');
    expect(await ends(slowAt('acts', 'allowInRun', () => ends(bench.act)))).toBe('rolledBack, as it had ended before');
  });
});

describe('where everything stands yet', () => {
  const pilot = useBench();

  test('a search that slept while all that it had found was undone leaves nothing to people', async () => {
    const { act } = bench;
    await act.raiseWave(pilot(), 'back', 'slept');
    await act.endSessions(pilot());
    await expect(slowAt('effects', 'reopen', () => undoAll(act, pilot())).searchLeftovers(pilot())).rejects.toMatchObject(isTriedAgain);
    expect(await act.searchLeftovers(pilot())).toBe(0);
    expect((await erpTable(bench.business, 'party.party')).filter(({ code }) => code === 'ALFKI')).toEqual([]);
    await act.thawWave(pilot());
    expect(await act.finishUndo(pilot())).toMatchObject({ state: 'rolledBack', kept: 0 });
  });
});

describe('where the target takes nothing back for a while', () => {
  const pilot = useBench();

  test('a try of an undo that sleeps while it writes down how a record ended tells nobody of one that the present try has deleted', async () => {
    const { act, business, ledger, ref } = bench;
    await act.raiseWave(pilot(), 'back', 'slept');
    await act.endSessions(pilot());
    const lanes = await act.planUndo(pilot());
    const lane = lanes.at(-1) ?? 0;
    for (const other of lanes.slice(0, -1)) await runLane(() => act.undoLane(pilot(), other));
    for (const way of ['delete', 'write']) await refuse(bench, `model.party.party.${way}`);
    const asleep = await asleepBefore(business.ledgerUrl, 'exception', () => act.undoLane(pilot(), lane));
    await refuse(bench, null);
    const present = act.undoLane(pilot(), lane);
    await waiting(business.ledgerUrl, 2, present);
    await asleep.wakes();
    await present;
    await undoAll(act, pilot());
    const there = (await erpTable(business, 'party.party')).map(({ code }) => String(code));
    const told = (await ledger.exceptions.openOf(ref.run, 'pilot', ['keptByRollback'])).map(({ sourceId }) => sourceId);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((code) => !there.includes(code))).toEqual([]);
  });
});

describe('where an account stays in legacy', () => {
  const pilot = useBench(async () => {
    await refuse(bench, '"code":"ERNSH"');
    await bench.act.openWave(pilot());
    await bench.act.enterShadow(pilot());
  });

  test('what legacy opened for a release of which the ledger never heard is in its books once the release is tried again', async () => {
    const { act } = bench;
    await act.freezeWave(pilot());
    await act.stageDelta(pilot());
    await bench.load(pilot());
    await expect(slowAt('freezes', 'confirm', () => Promise.reject(new Error('killed'))).verifyWave(pilot())).rejects.toThrow('killed');
    expect(await worksOn(bench, 'ERNSH')).toBe('works');
    await act.verifyWave(pilot());
    expect(await books(bench)).toMatchObject({ ERNSH: 'legacy', ALFKI: 'closed' });
    expect(await bench.ledger.freezes.isReleasing(bench.ref.run, 'pilot')).toBe(false);
  });
});
