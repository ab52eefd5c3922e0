import { expect, test } from '@jest/globals';
import { useArena } from '../support/arena/scenario.ts';
import { scheduleOf } from './random/schedule.ts';
import { playSeed } from './random/seed.ts';

const arena = useArena();

// More of them, with restarts of PostgreSQL and Temporal: `npm run test:chaos`.
test.each([3, 4, 13])(
  'seed %i: whatever happens at whatever time, people bring the run to its end, and nothing is lost, doubled or open in two books',
  async (seed) => {
    const schedule = scheduleOf(seed, { restarts: false });
    const driver = await arena.open(`seed${String(seed)}`);
    const result = await playSeed(driver, arena.stack(), schedule).catch((error: unknown) => ({ faults: [String(error)] }));
    // What a failure prints is what a person needs to play it again.
    expect({ ...result, schedule }).toMatchObject({ faults: [], end: expect.stringMatching(/^(closed|rolled ?back)/i) as unknown });
  },
  400_000,
);
