import { afterEach, beforeEach, expect, test } from 'vitest';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { startStack } from '../../scripts/dev/stack.ts';

const names = ['TEMPORAL_CLI_PATH', 'TEMPORAL_ADDRESS'] as const;
const before = names.map((name) => [name, process.env[name]] as const);
beforeEach(() => {
  delete process.env['TEMPORAL_ADDRESS'];
});
afterEach(() => {
  for (const [name, value] of before)
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
});

test.each([
  ['cannot be run', '/nonexistent/temporal', /^the Temporal server cannot be started: .*ENOENT/],
  ['ends at once', 'false', /^the Temporal server ended with code 1 before it answered: it said nothing$/],
])('a stack whose Temporal server %s says so within seconds, and leaves nothing running', async (_, program, words) => {
  process.env['TEMPORAL_CLI_PATH'] = program;
  const beganMs = performance.now();
  await expect(startStack()).rejects.toThrow(words);
  // A server that says nothing is waited for for two minutes.
  expect(performance.now() - beganMs).toBeLessThan(100_000);
});

test('a PostgreSQL that is not installed is named, with what to do', async () => {
  await expect(startPostgres({ packageName: 'embedded-postgres-of-tomorrow' })).rejects.toThrow(
    /^there is no PostgreSQL for this machine: the package .* is not installed; run npm ci/,
  );
});
