const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
  ],
};
/** One tier of the tests; all tiers run in one Jest run so that the closing line counts them together. */
const tier = (displayName, folders, more = {}) => ({
  displayName,
  testEnvironment: 'node',
  // Only here files are looked for; the folders of packages and servers hold tens of thousands more.
  roots: ['<rootDir>/test', '<rootDir>/domain'],
  extensionsToTreatAsEsm: ['.ts'],
  transform,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  ...more,
});

/** A tier whose tests start the product's programs. */
const starting = (displayName, folders) => tier(displayName, folders, { globalSetup: '<rootDir>/test/support/programs.ts' });

export default {
  maxWorkers: 3,
  testTimeout: 600_000,
  testSequencer: '<rootDir>/test/support/sequencer.ts',
  reporters: ['default', '<rootDir>/test/support/closing-line.ts'],
  collectCoverageFrom: ['<rootDir>/domain/**/*.ts'],
  coverageReporters: ['text-summary'],
  coverageThreshold: { './domain/': { lines: 100, branches: 100, functions: 100, statements: 100 } },
  projects: [
    tier('unit', ['domain', 'records', 'reports', 'scripts', 'house']),
    starting('contract', ['adapters', 'activities', 'bench', 'cli', 'contract', 'dev', 'docker', 'ledger', 'sandbox', 'workers']),
    starting('system', ['system', 'chaos', 'docs']),
    tier('model', ['model']),
    tier('replay', ['replay']),
    starting('real', ['real']),
    // No part of `npm test`: `npm run test:long`.
    starting('long', ['long']),
  ],
};
