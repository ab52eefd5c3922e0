import { parseArgs } from 'node:util';
import { startStack, type Stack } from '../../../scripts/dev/stack.ts';
import { Driver } from '../../support/arena/driver.ts';
import { scheduleOf, type Schedule } from './schedule.ts';
import { playSeed, type SeedResult } from './seed.ts';
import { within } from './within.ts';

/** A seed that is not over after so long (ms) hangs: longer than its people have patience, its start and its judgement included. */
const limitMs = 480_000;

/** How long a stack may take to stop (ms) before it is left to the end of this process. */
const stopMs = 30_000;

/**
 * Plays seeds one after the other on a stack of its own, tells where each is, and prints a line for each; one that fails is told whole, and the next is
 * played on a new stack. The last line counts; exit code 1 where one is not as it must be.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '10' }, from: { type: 'string', default: '1' } } });
  const [seeds, from] = [Number(values.seeds), Number(values.from)];
  if (!Number.isInteger(seeds) || !Number.isInteger(from) || seeds < 1) throw new Error('give whole numbers: --seeds 50 --from 1');
  const ended = new Map<string, number>();
  let stack = await startStack();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const how = await play(stack, seed);
    ended.set(how, (ended.get(how) ?? 0) + 1);
    // Nobody knows what a seed that failed has left its servers to do.
    if (how !== fault || seed === from + seeds - 1) continue;
    await within(stopMs, stack.stop()).catch(() => undefined);
    stack = await startStack();
  }
  await within(stopMs, stack.stop()).catch(() => undefined);
  const faults = ended.get(fault) ?? 0;
  const ways = [...ended].filter(([how]) => how !== fault).map(([how, times]) => `${String(times)} ${how}`);
  say(`${String(seeds)} seeds, ${String(faults)} with faults${ways.map((way) => `, ${way}`).join('')}`);
  return faults === 0 ? 0 : 1;
}

const fault = 'FAULT';

/** How a seed ended, or that it has a fault. */
async function play(stack: Stack, seed: number): Promise<string> {
  const schedule = scheduleOf(seed, { restarts: true });
  const beganMs = performance.now();
  const took = (): string => `${((performance.now() - beganMs) / 1_000).toFixed(0)} s`;
  let last = 'its start';
  const tell = (where: string): void => {
    last = where;
    say(`  ${took()}: ${where}`);
  };
  say(`seed ${String(seed)}, meant ${schedule.ending}, ${String(schedule.steps.length)} acts`);
  try {
    const result = await within(limitMs, onBusiness(stack, schedule, tell), 'it hangs: no end');
    const how = howItEnded(result);
    const acts = Object.entries(result.counts).map(([what, times]) => `${what} ${String(times)}`);
    say(`seed ${String(seed)}: ${how}, meant ${schedule.ending}, ${took()}: ${result.end ?? 'no end'} (${acts.join(', ')})`);
    for (const line of [...result.faults, ...result.notes]) say(`  ${line}`);
    if (result.tiredAt !== null) say(`  forward did not end; it was at ${JSON.stringify(result.tiredAt)}`);
    if (how === fault) for (const told of [result.status, schedule]) say(`  ${JSON.stringify(told)}`);
    return how;
  } catch (error) {
    say(`seed ${String(seed)}: ${fault}, ${took()}: at ${last}: ${String(error)}\n  ${JSON.stringify(schedule)}`);
    return fault;
  }
}

/** Plays a seed against a business that is its own. */
async function onBusiness(stack: Stack, schedule: Schedule, tell: (where: string) => void): Promise<SeedResult> {
  const driver = await Driver.open(stack, `seed${String(schedule.seed)}`, { faults: true, timings: { guardEvery: '4s' } });
  try {
    return await playSeed(driver, stack, schedule, tell);
  } finally {
    await driver.close();
  }
}

function howItEnded({ end, faults, tiredAt }: SeedResult): string {
  if (end === null || faults.length > 0) return fault;
  if (end.startsWith('closed')) return 'closed';
  return `rolled back${end.includes('xceptions') ? ' with exceptions' : ''}${tiredAt === null ? '' : ' because forward did not end'}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Whoever stops it stops its servers too: they end with a process that exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
// A seed that hangs leaves work that would keep this process alive.
process.exit(await main());
