import { partyNumberSuite } from './party-number-suite.ts';
import { saleSuite } from './sale-suite.ts';
import { targetSuite } from './target-suite.ts';
import { trytonWireSuite } from './tryton-wire-suite.ts';
import { partySamples, productSamples, startSandboxTryton, trytonBench } from './tryton-bench.ts';

const make = async () => trytonBench(await startSandboxTryton());

targetSuite('Tryton sandbox: parties', make, partySamples);
targetSuite('Tryton sandbox: products', make, productSamples);
saleSuite('Tryton sandbox', make);
partyNumberSuite('Tryton sandbox', make);
trytonWireSuite('Tryton sandbox', startSandboxTryton);
