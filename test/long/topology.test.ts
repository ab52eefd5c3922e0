import { afterAll, beforeAll, test } from 'vitest';
import { startStack, type Stack } from '../../scripts/dev/stack.ts';
import { builtServer, whyNotBuilt } from '../../scripts/dev/temporal/built.ts';
import { Driver } from '../support/arena/driver.ts';
import { expectClosed } from '../support/arena/expectations.ts';

/** The server is built from its sources where it is not there yet (ms): minutes, on a machine with other work many. */
const buildMs = 2_400_000;

const missing = await whyNotBuilt();
if (missing !== null) {
  if (process.env['CI'] === 'true') throw new Error(missing);
  process.stderr.write(`a run on the server of production: skipped, because ${missing}\n`);
}

let stack: Stack | null = null;
beforeAll(async () => {
  if (missing !== null) return;
  await builtServer();
  stack = await startStack({ production: true });
}, buildMs);
afterAll(() => stack?.stop());

test.skipIf(missing !== null)(
  'two workers carry a run from its start to its close on a Temporal server whose store is PostgreSQL: every open order once in the target, one book for each account',
  async () => {
    if (stack === null) throw new Error('the stack has not started');
    const driver = await Driver.open(stack, 'production');
    try {
      await driver.startWorker();
      await driver.start();
      await driver.finish();
      await expectClosed(driver.business, { created: 11 });
    } finally {
      await driver.close();
    }
  },
);
