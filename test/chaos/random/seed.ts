import type { RunStatus } from '../../../contracts/messages.ts';
import { clearFaults } from '../../../scripts/dev/faults.ts';
import { differences, erpTables } from '../../../scripts/dev/oracle.ts';
import type { Stack } from '../../../scripts/dev/stack.ts';
import type { Tables } from '../../../scripts/dev/tables.ts';
import type { Driver } from '../../support/arena/driver.ts';
import { Actor, type Counts } from './acts.ts';
import { Crew } from './crew.ts';
import { Desk } from './desk.ts';
import { Dice } from './dice.ts';
import type { Entered } from './judged.ts';
import { faultsOf } from './oracle.ts';
import { pictureOf } from './picture.ts';
import type { Schedule } from './schedule.ts';

/** What became of one seed. */
export interface SeedResult {
  /** The last line of the run; null where nobody could bring it to an end. */
  readonly end: string | null;
  /** Where the run was when its people took it back because forward did not end; null where they need not. */
  readonly tiredAt: RunStatus | null;
  /** Everything that is wrong, as sentences. */
  readonly faults: readonly string[];
  readonly notes: readonly string[];
  readonly counts: Counts;
  /** The status that was seen last. */
  readonly status: RunStatus | null;
}

/**
 * Plays one schedule against a business that was opened for it, steers the run to its end, and judges the systems' own tables. `tell` hears where the
 * run is.
 */
export async function playSeed(
  driver: Driver,
  stack: Stack,
  schedule: Schedule,
  tell: (progress: string) => void = () => undefined,
): Promise<SeedResult> {
  const before = await erpTables(driver.business);
  const crew = await Crew.of(driver);
  await driver.start();
  // The people draw from a seed of their own: how often they look must not change what is drawn elsewhere.
  const desk = new Desk(driver, schedule, new Dice(schedule.seed + 1_000_000), tell);
  const actor = new Actor(driver, stack, crew, desk);
  const isOver = { yet: false };
  const acts = schedule.steps.map(async ({ at, act }) => {
    while (!isOver.yet && !desk.life.hasCome(at)) await new Promise((resolve) => setTimeout(resolve, 20));
    if (!isOver.yet) await actor.act(act);
  });
  let end: string | null = null;
  try {
    end = await desk.steer();
  } finally {
    isOver.yet = true;
    await Promise.all(acts);
    await crew.end();
    for (const control of Object.values(driver.business.faults)) await clearFaults(control);
  }
  const found = end === null ? await deadEnd(driver) : await judged(driver, schedule, actor.entered, { before, end });
  const { tiredAt, notes, last: status } = desk;
  return { end, tiredAt, faults: [...found, ...crew.faults], notes, counts: actor.counts, status };
}

/** What a person is told where no command led on. */
async function deadEnd(driver: Driver): Promise<readonly string[]> {
  const { stdout, stderr } = await driver.cli('status', driver.run);
  return [`nobody could bring the run to an end; its status says: ${stdout}${stderr}`];
}

async function judged(
  driver: Driver,
  { ending }: Schedule,
  entered: Entered,
  { before, end }: { readonly before: Tables; readonly end: string },
): Promise<readonly string[]> {
  const isClosed = end.startsWith('closed');
  if (!isClosed && !/^rolled ?back/i.test(end)) return [`the run ended neither closed nor rolled back: ${end}`];
  const found = faultsOf(await pictureOf(driver), entered, isClosed ? 'closed' : 'rolledBack');
  if (ending !== 'backBeforeSwitch') return found;
  if (isClosed) return [...found, 'the run closed, and nobody had said go'];
  return [...found, ...differences(before, withoutPeople(await erpTables(driver.business)))];
}

/** What people entered beside the run stays, and is no difference. */
function withoutPeople(tables: Tables): Tables {
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.filter((row) => !JSON.stringify(row).includes('PERSON-'))]),
  );
}
