import { expect, test } from 'vitest';
import { askDatabase } from '../../scripts/dev/sql.ts';
import type { Driver } from '../support/arena/driver.ts';
import { expectClosed } from '../support/arena/expectations.ts';
import { inLegacy } from '../support/arena/people.ts';
import { eastIn, writtenInFreeze } from '../support/arena/frozen.ts';
import { useArena } from '../support/arena/scenario.ts';
import { unhurried } from '../support/small-plan.ts';

const arena = useArena();
let driver: Driver;

test('a wave taken back opens its accounts, and its next attempt again loads before it freezes; a gate asked once more loads nothing again', async () => {
  driver = await arena.open('shortfreezeagain', { waves: 2, timings: unhurried });
  const { business } = driver;
  await driver.start();
  await driver.pass('baseline');
  await driver.pass('switch-pilot');
  await driver.atGate('switch-east');
  expect((await driver.rollback('east')).state).toBe('accepted');
  await driver.atGate('retry-east');
  await inLegacy(business, 'app', `update customers set phone = '0555-02' where customer_id = 'SIMOB'`);
  const back = await eastIn(driver);
  expect((await eastIn(driver))?.frozenMs).toBe(back?.frozenMs);
  await driver.pass('retry-east');
  const first = await driver.atGate('switch-east');
  expect(await writtenInFreeze(driver, 2)).toEqual([]);
  // The lease ends by itself while the gate waits: the wave freezes and reads again, and nothing of it is written again.
  await inLegacy(business, 'admin', 'update cutover.freeze set lease_until = clock_timestamp()');
  await askDatabase(business.ledgerUrl, ['update wave set lease_until = clock_timestamp() where lease_until is not null']);
  await driver.decide(first, 'go', first.roles[0] ?? '');
  const again = await driver.until('asked anew', ({ waiting }) => waiting?.gate === 'switch-east' && waiting.attempt > first.attempt);
  expect(again.waiting?.shut).toEqual([]);
  expect(await writtenInFreeze(driver, 2)).toEqual([]);
  await driver.pass('switch-east');
  await driver.atGate('close');
  const switched = await eastIn(driver);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await eastIn(driver))?.frozenMs).toBe(switched?.frozenMs);
  expect((await driver.cli('status', driver.run)).stdout).toMatch(
    /east: switched, attempt 2.*, frozen for .* after .* of loading while legacy was open/,
  );
  await expectClosed(business);
});
