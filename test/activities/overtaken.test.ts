import { afterEach, expect, test } from '@jest/globals';
import { gateNames, sharedWave } from '../../contracts/messages.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { dying, startBench, type Bench } from './bench.ts';
import { books, worksOn } from './outside.ts';

let bench: Bench;
afterEach(() => bench.stop());

/** The activities of a worker that comes so slowly to this call of its ledger that `meanwhile` is over before it. */
function slowAt<Part extends keyof Ledger>(part: Part, call: keyof Ledger[Part], meanwhile: () => Promise<unknown>): Bench['act'] {
  const slow = async (...args: unknown[]): Promise<unknown> => {
    await meanwhile();
    return (bench.ledger[part][call] as (...values: unknown[]) => Promise<unknown>)(...args);
  };
  const parts = new Proxy(bench.ledger[part], {
    get: (whole, name) => {
      if (name === call) return (...args: unknown[]) => slow.apply(whole, args);
      const value: unknown = Reflect.get(whole, name, whole);
      return typeof value === 'function' ? (value.bind(whole) as unknown) : value;
    },
  });
  return dying(bench, { ledger: { ...bench.ledger, [part]: parts } });
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
