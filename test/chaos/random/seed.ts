import { clearFaults } from '../../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../../scripts/dev/oracle.ts';
import type { Stack } from '../../../scripts/dev/stack.ts';
import type { Tables } from '../../../scripts/dev/tables.ts';
import type { Driver } from '../../support/arena/driver.ts';
import { Actor, type Counts } from './acts.ts';
import { Crew } from './crew.ts';
import { Desk } from './desk.ts';
import { Dice } from './dice.ts';
import { faultsOf } from './oracle.ts';
import { pictureOf } from './picture.ts';
import type { Schedule } from './schedule.ts';

/** What became of one seed. */
export interface SeedResult {
  /** The last line of the run. */
  readonly end: string;
  /** Everything that is wrong, as sentences. */
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly counts: Counts;
}

/** Plays one schedule against a business that was opened for it, steers the run to its end, and judges the systems' own tables. */
export async function playSeed(driver: Driver, stack: Stack, schedule: Schedule): Promise<SeedResult> {
  const before = await erpTables(driver.business);
  const crew = await Crew.of(driver);
  await driver.start();
  // The people draw from a seed of their own: how often they look must not change what is drawn elsewhere.
  const desk = new Desk(driver, schedule, new Dice(schedule.seed + 1_000_000));
  const actor = new Actor(driver, stack, crew, desk);
  const isOver = { yet: false };
  const beganMs = Date.now();
  const acts = schedule.steps.map(async ({ atMs, act }) => {
    while (!isOver.yet && Date.now() - beganMs < atMs) await new Promise((resolve) => setTimeout(resolve, 20));
    if (!isOver.yet) await actor.act(act);
  });
  let end: string;
  try {
    end = await desk.steer();
  } finally {
    isOver.yet = true;
    await Promise.all(acts);
    await crew.end();
    for (const control of Object.values(driver.business.faults)) await clearFaults(control);
  }
  const found = faultsOf(await pictureOf(driver), actor.entered, end.startsWith('closed') ? 'closed' : 'rolledBack');
  const left = schedule.ending === 'backBeforeSwitch' ? differences(before, withoutPeople(await erpTables(driver.business))) : [];
  const unexpected = end.startsWith('closed') && schedule.ending === 'backBeforeSwitch' ? ['the run closed, and nobody had said go'] : [];
  return { end, faults: [...found, ...left, ...unexpected, ...crew.faults], notes: desk.notes, counts: actor.counts };
}

/** What people entered beside the run stays, and is no difference. */
function withoutPeople(tables: Tables): Tables {
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.filter((row) => !JSON.stringify(row).includes('PERSON-'))]),
  );
}
