import { expect, test } from 'vitest';
import type { PointName } from '../../contracts/points.ts';
import { differences, erpTables } from '../../scripts/dev/oracle.ts';
import { erpCreatesBy, inLegacy } from '../support/arena/people.ts';
import { useArena } from '../support/arena/scenario.ts';
import { pilotOrders } from '../support/small-plan.ts';
import { expectOnce, openMortal, type MortalRun } from './mortal.ts';

const arena = useArena({ goesOn: true });

const forward: readonly PointName[] = ['beforeIntent', 'afterIntent', 'beforeSend', 'afterCall'];
const back: readonly PointName[] = ['afterRaise', 'duringUndo', 'beforeThaw'];
let run: MortalRun;

test(`loses and doubles nothing when workers are killed at ${forward.join(', ')}, and the last successor goes on to the switch gate`, async () => {
  run = await openMortal(arena, 'killwriting', [...forward, ...back]);
  await run.driver.atGate('switch-pilot');
  run.expectDied(forward);
  await expectOnce(run.driver, pilotOrders);
});

test(`finishes a rollback whose workers are killed at ${back.join(', ')}, to exactly the records before`, async () => {
  const { driver, before, expectDied } = run;
  expect(await driver.takeBackRun()).toMatch(/^rolled back; legacy is the book again/);
  expectDied(back);
  expect(differences(before, await erpTables(driver.business))).toEqual([]);
  // What the target counted is one canary and the pilot's orders: nothing was made twice and removed.
  expect((await erpCreatesBy(driver.business, 'cutover'))['sale.sale']).toBe(1 + pilotOrders.length);
  await inLegacy(driver.business, 'app', `update customers set fax = fax where customer_id = 'ERNSH'`);
});
