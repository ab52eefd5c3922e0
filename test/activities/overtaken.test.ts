import { afterEach, expect, test } from '@jest/globals';
import type { Deps } from '../../activities/deps.ts';
import { openGate } from '../../activities/gates/gate.ts';
import { gateNames, sharedWave, type WaitingGate, type WaveRef } from '../../contracts/messages.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { erpTable } from '../support/arena/people.ts';
import { inTry } from './alone.ts';
import { dying, startBench, undoAll, type Bench } from './bench.ts';
import { books, refuse, worksOn } from './outside.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** The activities of a worker that comes so slowly to this call of its ledger, the first time, that `meanwhile` is over before it. */
function slowAt<Part extends keyof Ledger>(part: Part, call: keyof Ledger[Part], meanwhile: () => Promise<unknown>): Bench['act'] {
  return dying(bench, slowDeps(part, call, meanwhile));
}

function slowDeps<Part extends keyof Ledger>(part: Part, call: keyof Ledger[Part], meanwhile: () => Promise<unknown>): Deps {
  let isFirst = true;
  const slow = async (...args: unknown[]): Promise<unknown> => {
    if (isFirst) {
      isFirst = false;
      await meanwhile();
    }
    return (bench.ledger[part][call] as (...values: unknown[]) => Promise<unknown>)(...args);
  };
  const parts = new Proxy(bench.ledger[part], {
    get: (whole, name) => {
      if (name === call) return (...args: unknown[]) => slow.apply(whole, args);
      const value: unknown = Reflect.get(whole, name, whole);
      return typeof value === 'function' ? (value.bind(whole) as unknown) : value;
    },
  });
  return { ...bench.deps, ledger: { ...bench.ledger, [part]: parts } };
}

/** The pilot, frozen, loaded, and its gate open. */
async function atItsGate(): Promise<WaveRef> {
  const pilot = await bench.bringIn('pilot');
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await bench.act.openGate({ ...pilot, gate: gateNames.switch('pilot'), kind: 'switch' });
  return pilot;
}

test('a try of a freeze that slept and froze first makes the present try begin again; it does not end the wave', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  const present = slowAt('freezes', 'confirm', () => bench.act.freezeWave(pilot)).freezeWave(pilot);
  // Only what is not marked as moved on does Temporal try again.
  await expect(present).rejects.toMatchObject({ name: 'Overtaken' });
  await expect(bench.act.freezeWave(pilot)).resolves.toMatchObject({ generation: 3 });
  expect(await worksOn(bench, 'ALFKI')).toBe('is refused');
});

test.each(['acts', 'switches'] as const)(
  'a try of a seal that slept and began the switch is what the present try finds (%s)',
  async (part) => {
    bench = await startBench();
    const pilot = await bench.bringIn('pilot');
    await bench.act.freezeWave(pilot);
    await bench.act.stageDelta(pilot);
    await bench.load(pilot);
    await bench.act.openGate({ ...pilot, gate: gateNames.switch('pilot'), kind: 'switch' });
    const call = part === 'acts' ? 'allow' : 'start';
    expect(await slowAt(part, call as never, () => bench.act.sealWave(pilot)).sealWave(pilot)).toBe('sealed');
    expect(await worksOn(bench, 'ALFKI')).toBe('is refused');
    expect(await books(bench)).toMatchObject({ ALFKI: 'closed' });
  },
);

test('a try of the end of a run that slept and ended it is what the present try finds', async () => {
  bench = await startBench();
  await bench.takeBack(bench.wave(sharedWave));
  await bench.act.finishUndo(bench.wave(sharedWave));
  const ends = (act: Bench['act']): Promise<string> => act.endRun(bench.ref, 'rolledBack');
  expect(await ends(slowAt('acts', 'allowInRun', () => ends(bench.act)))).toBe('rolledBack, as it had ended before');
});

test('a try of a reading that slept and read first makes the present try begin again; it does not end the wave', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  const present = slowAt('stagings', 'finish', () => bench.act.stageDelta(pilot)).stageDelta(pilot);
  await expect(present).rejects.toMatchObject({ name: 'Overtaken' });
  await expect(bench.act.stageDelta(pilot)).resolves.toBe(0);
});

test('a seal whose last reading is overtaken is tried again, and the wave switches', async () => {
  bench = await startBench();
  const pilot = await atItsGate();
  const present = slowAt('stagings', 'finish', () => bench.act.stageDelta(pilot)).sealWave(pilot);
  await expect(present).rejects.toMatchObject({ name: 'Overtaken' });
  expect(await bench.act.sealWave(pilot)).toBe('sealed');
});

test('a canary whose lane another try has taken is called again; the wave goes on', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  const present = slowAt('calls', 'intend', () => bench.act.probeWayBack(pilot)).probeWayBack(pilot);
  expect(await present).toMatchObject({ end: 'held' });
  expect(await bench.act.probeWayBack(pilot)).toMatchObject({ end: 'done' });
});

test('two tries of one call open one attempt of a gate, which the people who vote at it keep', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  const gate = { ...pilot, gate: gateNames.switch('pilot'), kind: 'switch' as const };
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  const open = (act: Deps): Promise<WaitingGate> =>
    inTry(
      () => openGate(act)(gate),
      { attempt: 1, activityId: 'the gate' },
      () => undefined,
    );
  const slept = open(slowDeps('gates', 'open', () => open(bench.deps)));
  expect((await slept).attempt).toBe(1);
  expect(await bench.ledger.gates.latest(pilot.run, gate.gate)).toMatchObject({ attempt: 1, state: 'open' });
});

test('a try of an undo that slept writes down nothing of what the present try has settled', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  await bench.act.raiseWave(pilot, 'back', 'slept');
  await bench.act.endSessions(pilot);
  const [lane = 0] = await bench.act.planUndo(pilot);
  const slept = slowAt('crosswalk', 'endRows', () => bench.act.undoLane(pilot, lane)).undoLane(pilot, lane);
  expect(await slept).toMatchObject({ end: 'held' });
  expect(await bench.act.undoLane(pilot, lane)).toMatchObject({ end: 'done' });
});

test('a rollback that is taken up again fences a lane of its undo that nobody calls any more, and comes to its end', async () => {
  bench = await startBench();
  const pilot = await bench.bringIn('pilot');
  await bench.act.raiseWave(pilot, 'back', 'slept');
  await bench.act.endSessions(pilot);
  const [lane = 0] = await bench.act.planUndo(pilot);
  const point = (name: string): void => {
    if (name === 'afterIntent') throw new Error('killed');
  };
  // A process that died has closed nothing: its session stands in the target.
  const lanes = new Proxy(bench.ledger.lanes, {
    get: (own, name) =>
      name === 'endSession' ? () => Promise.resolve() : (Reflect.get(own, name) as (...args: readonly unknown[]) => unknown).bind(own),
  });
  await expect(dying(bench, { point, ledger: { ...bench.ledger, lanes } }).undoLane(pilot, lane)).rejects.toThrow('killed');
  expect((await bench.ledger.calls.open({ run: pilot.run, wave: 'pilot' })).length).toBeGreaterThan(0);
  const again = await bench.act.settleOpen(pilot);
  await new Promise((resolve) => setTimeout(resolve, again.waitMs));
  expect(await bench.act.settleOpen(pilot)).toMatchObject({ open: 0 });
  await undoAll(bench.act, pilot);
  expect((await erpTable(bench.business, 'party.party')).filter(({ code }) => code === 'ALFKI')).toEqual([]);
});

test('an account that legacy opened for a release of which the ledger never heard is in its books once the release is tried again', async () => {
  bench = await startBench();
  await refuse(bench, '"code":"ERNSH"');
  const pilot = bench.wave('pilot');
  await bench.act.openWave(pilot);
  await bench.act.enterShadow(pilot);
  await bench.act.freezeWave(pilot);
  await bench.act.stageDelta(pilot);
  await bench.load(pilot);
  await expect(slowAt('freezes', 'confirm', () => Promise.reject(new Error('killed'))).verifyWave(pilot)).rejects.toThrow('killed');
  expect(await worksOn(bench, 'ERNSH')).toBe('works');
  await bench.act.verifyWave(pilot);
  expect(await books(bench)).toMatchObject({ ERNSH: 'legacy', ALFKI: 'closed' });
  expect(await bench.ledger.freezes.isReleasing(pilot.run, 'pilot')).toBe(false);
});
