import { expect, test } from 'vitest';
import { useArena } from '../support/arena/scenario.ts';
import { scheduleOf } from './random/schedule.ts';
import { playSeed } from './random/seed.ts';

const arena = useArena();

// More of them, with restarts of PostgreSQL and Temporal: `npm run test:chaos`.
test.each([
  [4, 'taken back before anything is switched', /^rolled ?back/i, {}],
  [49, 'a wave taken back, terminated and taken up again, closed', /^closed/, { 'rollback done': 1, 'terminate done': 1 }],
  [16, 'terminated and taken up again, taken back after a switch', /^rolled ?back/i, { 'terminate done': 1 }],
])(
  'seed %i, %s: whatever happens at whatever time, people bring the run to its end, and nothing is lost, doubled or open in two books',
  async (seed, _meant, end, counts) => {
    const schedule = scheduleOf(seed, { restarts: false });
    const driver = await arena.open(`seed${String(seed)}`, { faults: true, timings: { guardEvery: '4s' } });
    const result = await playSeed(driver, arena.stack(), schedule);
    // What a failure prints is what a person needs to play it again.
    expect({ ...result, schedule }).toMatchObject({ faults: [], counts, end: expect.stringMatching(end) as unknown });
  },
);
