import { describe, expect, test } from 'vitest';
import { partyNumberSuite } from './party-number-suite.ts';
import { saleSuite } from './sale-suite.ts';
import { idOf, passing, rowOf, targetSuite } from './target-suite.ts';
import { trytonWireSuite } from './tryton-wire-suite.ts';
import { partySamples, productSamples, startSandboxTryton, trytonBench } from './tryton-bench.ts';

const make = async () => trytonBench(await startSandboxTryton());

targetSuite('Tryton sandbox: parties', make, partySamples);
targetSuite('Tryton sandbox: products', make, productSamples);
saleSuite('Tryton sandbox', make);
partyNumberSuite('Tryton sandbox', make);
trytonWireSuite('Tryton sandbox', startSandboxTryton);

describe('Tryton sandbox: a clock that goes otherwise than ours', () => {
  test.each([2_000, -2_000, 600_000, -600_000])(
    'is read as it is when it is %i ms ahead, changing while we are logged in',
    async (offsetMs) => {
      const system = await startSandboxTryton();
      const bench = await trytonBench(system);
      const port = bench.connect('runner');
      const session = await port.open();
      const seed = { method: 'POST', body: JSON.stringify({ clockOffsetMs: offsetMs }) };
      expect((await fetch(`${system.url}/_sandbox/seed`, seed)).ok).toBe(true);
      const before = Date.now();
      const { earliestMs, latestMs } = await port.now();
      expect(earliestMs - offsetMs).toBeLessThanOrEqual(Date.now());
      expect(latestMs - offsetMs).toBeGreaterThanOrEqual(before);
      const [made] = await session.write('party', [rowOf('create', partySamples.record(partySamples.newKey()))], passing);
      const [record] = await port.get('party', [idOf(made)]);
      expect(Math.abs(Date.parse(record?.createdAt ?? '') - offsetMs - before)).toBeLessThan(10_000);
      await session.close();
      await port.dispose();
      await bench.stop();
    },
  );
});
