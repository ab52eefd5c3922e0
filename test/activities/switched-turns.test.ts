import { afterEach, expect, test, vi } from 'vitest';
import { judgeGuards } from '../../activities/guards/judge-guards.ts';
import type { Deps, Systems } from '../../activities/deps.ts';
import { documentHash } from '../../records/canonical.ts';
import { useLedger } from '../ledger/fresh-ledger.ts';
import { sampleEnv, samplePlan } from '../support/sample-plan.ts';
import { inActivity, unused } from './alone.ts';

const ledger = useLedger();
afterEach(() => {
  vi.restoreAllMocks();
});

const plan = samplePlan((raw) => {
  raw.guards = [
    {
      ...{ name: 'watched', metric: 'openExceptions', kind: 'count', limit: 0, minimumSample: 1, exactCount: 1, window: '2s' },
      ...{ stages: ['loading', 'switched'], answer: { beforeSwitch: 'pause', afterSwitch: 'pause' }, owner: 'it' },
    },
  ];
});
const env = sampleEnv();
const switched = Array.from({ length: 8 }, (_, index) => `wave${String(index + 1)}`);

/** A run whose pilot is loading and whose other waves have switched; the newest of them is in breach. */
async function begin(): Promise<{ run: string; planHash: string; envHash: string }> {
  const ref = { run: 'cutover/turns', planHash: documentHash(plan), envHash: documentHash(env) };
  await ledger().runs.storeDocument(ref.planHash, 'plan', plan);
  await ledger().runs.storeDocument(ref.envHash, 'env', env);
  await ledger().runs.open(ref.run, ref.planHash, ref.envHash);
  await ledger().runs.bindScope(ref.run, 'scope', 0);
  await ledger().waves.plan(ref.run, ['pilot', ...switched]);
  for (const wave of ['pilot', ...switched])
    for (const state of wave === 'pilot' ? (['loading'] as const) : (['loading', 'shadow', 'frozen', 'switching', 'switched'] as const))
      await ledger().waves.move({ run: ref.run, wave, attempt: 1 }, state);
  await ledger().guards.store(ref.run, {
    ...{ guard: 'watched', wave: 'wave8', attempt: 1, segment: 1, verdict: 'breach', warn: false, secondLook: false },
    ...{ reason: 'openExceptions is 1.', k: 1, n: 1, eValue: null, answer: 'pause' },
  });
  return ref;
}

test('however many waves have switched, one that is under way is looked at first in each look; they have their turns, and what one of them stands in breach of is told all the same', async () => {
  const ref = await begin();
  // Each wave takes 20 seconds to look at.
  let now = 0;
  let looked: string[] = [];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const held = (run: string, wave: string, states?: readonly string[]) => {
    looked.push(wave);
    now += 20_000;
    return ledger().freezes.held(run, wave, states as never);
  };
  const freezes = new Proxy(ledger().freezes, {
    get: (own, name) => (name === 'held' ? held : (Reflect.get(own, name) as (...args: readonly unknown[]) => unknown).bind(own)),
  });
  const source = { freezeStates: () => Promise.resolve([]) } as unknown as Systems['source'];
  const deps: Deps = {
    ledger: { ...ledger(), freezes },
    systems: () => Promise.resolve({ plan, env, source, archive: unused, target: unused }),
    point: () => undefined,
  };
  const judge = judgeGuards(deps);
  const turns: string[] = [];
  for (let look = 0; look < 4; look += 1) {
    looked = [];
    expect(await inActivity(() => judge(ref))).toMatchObject([{ guard: 'watched', wave: 'wave8', answer: 'pause' }]);
    expect(looked[0]).toBe('pilot');
    turns.push(...looked.slice(1));
  }
  expect(turns).toEqual(switched);
});
