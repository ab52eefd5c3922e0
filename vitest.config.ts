import { defineConfig } from 'vitest/config';
import Sequencer from './test/support/sequencer.ts';

/** Test files of these folders under `test/`. */
const filesOf = (folders: readonly string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** The program of the tests needs no more than this (ms): a test that waits longer waits for what never comes. */
const patienceMs = 600_000;

const unit = ['domain', 'records', 'reports', 'scripts', 'house'];
const long = ['long'];

export default defineConfig({
  test: {
    // Twice the cores that the tests are measured on: a scenario spends half of its time on waits that belong to it.
    maxWorkers: 4,
    // The files of a worker share their modules and servers: loading Temporal's packages anew for each costs more than most tests.
    isolate: false,
    sequence: { sequencer: Sequencer },
    slowTestThreshold: 60_000,
    coverage: {
      provider: 'istanbul',
      include: ['domain/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
    // All in one run, so that the closing line counts them together. Tests outside `unit` start the product's programs.
    projects: [
      { extends: true, test: { name: 'unit', include: filesOf(unit), testTimeout: patienceMs, hookTimeout: patienceMs } },
      {
        extends: true,
        test: {
          name: 'systems',
          include: ['test/**/*.test.ts'],
          exclude: filesOf([...unit, ...long]),
          globalSetup: 'test/support/programs.ts',
          testTimeout: patienceMs,
          hookTimeout: patienceMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: filesOf(long),
          globalSetup: 'test/support/programs.ts',
          testTimeout: patienceMs,
          hookTimeout: patienceMs,
        },
      },
    ],
  },
});
