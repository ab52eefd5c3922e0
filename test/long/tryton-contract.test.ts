import { afterAll } from 'vitest';
import type { RealTryton } from '../../scripts/dev/tryton/real.ts';
import { startRealTryton } from '../../scripts/dev/tryton/real.ts';
import { partyNumberSuite } from '../contract/party-number-suite.ts';
import { saleSuite } from '../contract/sale-suite.ts';
import type { TargetBench } from '../contract/target-suite.ts';
import { targetSuite } from '../contract/target-suite.ts';
import type { RunningTryton } from '../contract/tryton-bench.ts';
import { partySamples, productSamples, trytonBench } from '../contract/tryton-bench.ts';
import { trytonWireSuite } from '../contract/tryton-wire-suite.ts';
import { describeReal } from '../support/real-tier.ts';

/** One system for all suites: it takes seconds to start, and no suite minds the others' records. */
let system: Promise<RealTryton> | null = null;
const start = async (): Promise<RunningTryton> => {
  system ??= startRealTryton();
  return { ...(await system), stop: () => Promise.resolve() };
};
const make = async (): Promise<TargetBench> => trytonBench(await start());
afterAll(async () => {
  await (await system)?.stop();
});

describeReal('The real system', () => {
  targetSuite('Tryton 8.2: parties', make, partySamples);
  targetSuite('Tryton 8.2: products', make, productSamples);
  saleSuite('Tryton 8.2', make);
  partyNumberSuite('Tryton 8.2', make);
  trytonWireSuite('Tryton 8.2', start);
});
