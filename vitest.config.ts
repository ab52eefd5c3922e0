import { defineConfig } from 'vitest/config';
import Sequencer from './test/support/sequencer.ts';

/** Test files of these folders under `test/`. */
const filesOf = (folders: readonly string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** No test or hook needs more (ms), on a machine with other work too: what waits longer waits for what never comes. */
const patienceMs = 600_000;

const unit = ['domain', 'records', 'reports', 'scripts', 'house'];
const long = ['long'];

export default defineConfig({
  test: {
    // Twice the cores that the tests are measured on: scenarios wait for timers of their own.
    maxWorkers: 4,
    // The files of a worker share their modules and servers: loading Temporal's packages anew for each costs more than most tests.
    isolate: false,
    testTimeout: patienceMs,
    hookTimeout: patienceMs,
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
      { extends: true, test: { name: 'unit', include: filesOf(unit) } },
      {
        extends: true,
        test: {
          name: 'systems',
          include: ['test/**/*.test.ts'],
          exclude: filesOf([...unit, ...long]),
          globalSetup: 'test/support/programs.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          // What asks the databases of legacy systems is asked once more, of every version of them.
          include: [...filesOf(long), 'test/adapters/sql-*.test.ts'],
          env: { CUTOVER_TEST_EVERY_POSTGRES: '1' },
          globalSetup: 'test/support/programs.ts',
        },
      },
    ],
  },
});
