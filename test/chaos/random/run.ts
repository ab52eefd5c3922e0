import { parseArgs } from 'node:util';
import { startStack, type Stack } from '../../../scripts/dev/stack.ts';
import { Driver } from '../../support/arena/driver.ts';
import { scheduleOf } from './schedule.ts';
import { playSeed } from './seed.ts';

/** Plays seeds one after the other on a stack of its own, and prints a line for each; exit code 1 where one of them is not as it must be. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '10' }, from: { type: 'string', default: '1' } } });
  const [seeds, from] = [Number(values.seeds), Number(values.from)];
  if (!Number.isInteger(seeds) || !Number.isInteger(from) || seeds < 1) throw new Error('give whole numbers: --seeds 50 --from 1');
  const stack = await startStack();
  let bad = 0;
  try {
    for (let seed = from; seed < from + seeds; seed += 1) if (!(await plays(stack, seed))) bad += 1;
  } finally {
    await stack.stop();
  }
  process.stdout.write(`${String(seeds)} seeds, ${String(bad)} with faults\n`);
  process.exitCode = bad === 0 ? 0 : 1;
}

/** Whether a seed came to its end with nothing wrong. */
async function plays(stack: Stack, seed: number): Promise<boolean> {
  const schedule = scheduleOf(seed, { restarts: true });
  const beganMs = performance.now();
  const took = (): string => `${((performance.now() - beganMs) / 1_000).toFixed(0)} s`;
  const driver = await Driver.open(stack, `seed${String(seed)}`);
  try {
    const { end, faults, notes, counts } = await playSeed(driver, stack, schedule);
    const acts = Object.entries(counts).map(([what, times]) => `${what} ${String(times)}`);
    process.stdout.write(
      `seed ${String(seed)}: ${faults.length === 0 ? 'ok' : 'FAULT'}, meant ${schedule.ending}, ${took()}: ${end} (${acts.join(', ')})\n`,
    );
    for (const line of [...faults, ...notes]) process.stdout.write(`  ${line}\n`);
    if (faults.length > 0) process.stdout.write(`  ${JSON.stringify(schedule)}\n`);
    return faults.length === 0;
  } catch (error) {
    process.stdout.write(`seed ${String(seed)}: FAULT, ${took()}: ${String(error)}\n  ${JSON.stringify(schedule)}\n`);
    return false;
  } finally {
    await driver.close();
  }
}

await main();
