import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { probeWayBack } from '../../activities/waves/canaries.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import { inActivity } from './alone.ts';
import { startLoadBench, type LoadBench } from './load-bench.ts';

let bench: LoadBench;
beforeAll(async () => {
  bench = await startLoadBench(6_000);
});
afterAll(() => bench.stop());

/** The bench with the party canary alone, so that the probe needs no shared records; writes go through `port`. */
function withParty(port: TargetPort): Deps {
  return {
    ...bench.deps,
    systems: async (ref) => {
      const sys = await bench.deps.systems(ref);
      const canaries = sys.plan.canaries.filter(({ object }) => object === 'party');
      return { ...sys, plan: { ...sys.plan, canaries }, target: () => port };
    },
  };
}

/** A process stopped between its deadline check and the socket write: what it was about to send, it sends when it wakes. */
function sleeping(port: TargetPort) {
  const [fallenAsleep, woken] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const asleep: TargetPort = {
    ...port,
    open: async () => {
      const session = await port.open();
      return {
        ...session,
        write: async (object, rows) => {
          fallenAsleep.resolve(undefined);
          await woken.promise;
          return session.write(object, rows, { signal: new AbortController().signal, beforeSend: () => undefined });
        },
      };
    },
  };
  return {
    asleep,
    fallenAsleep: fallenAsleep.promise,
    wake: () => {
      woken.resolve(undefined);
    },
  };
}

test('an attempt that sleeps before its write finds its session ended when it wakes, and its canary stands nowhere', async () => {
  const ref = await bench.begin();
  const key = `${bench.plan.canaryPrefix}${ref.wave}-${String(ref.attempt)}`;
  const { asleep, fallenAsleep, wake } = sleeping(bench.erp);
  const first = inActivity(() => probeWayBack(withParty(asleep))(ref));
  await fallenAsleep;
  let end = await inActivity(() => probeWayBack(withParty(bench.erp))(ref));
  expect(end.end).toBe('wait');
  while (end.end === 'wait') {
    await new Promise((resolve) => setTimeout(resolve, end.waitMs));
    end = await inActivity(() => probeWayBack(withParty(bench.erp))(ref));
  }
  expect(end.end).toBe('done');
  wake();
  await expect(first).rejects.toThrow('the way back is not proved');
  expect(await bench.person.findByKey('party', [key])).toEqual([]);
});
