import { afterAll, test } from 'vitest';
import { packageOf, testedVersions } from '../../scripts/dev/postgres/versions.ts';
import { attachPostgres, type LocalPostgres } from '../../scripts/dev/postgres.ts';
import { throwAwayFolder } from '../support/in-memory.ts';
import { serversOfWorker } from '../support/worker-servers.ts';

/** What a test works on. */
interface Bench {
  stop(): Promise<void>;
}

/** The `test` of Vitest, whose body gets a bench before its own arguments. */
interface TestOnEvery<Opened> {
  (title: string, body: (bench: Opened) => Promise<void>): void;
  each<Row extends readonly [unknown, ...unknown[]]>(
    rows: readonly Row[],
  ): (title: string, body: (bench: Opened, ...row: Row) => Promise<void>) => void;
}

/**
 * Tests that run on the oldest and the newest PostgreSQL that the adapter is for, in the long tier on every one, on all at once, and say on which they failed. Each run has a bench of its own, made for
 * the test or, where the tests only read, for the file. The servers are those of the worker of the tests: what belongs to a server and not to a database, such
 * as settings and memberships of roles, a test puts back.
 */
export function onEveryPostgres<Opened extends Bench>(
  open: (server: LocalPostgres) => Promise<Opened>,
  kept: 'for the test' | 'for the file' = 'for the test',
): TestOnEvery<Opened> {
  const benches = new Map<string, Promise<Opened>>();
  afterAll(async () => {
    await Promise.all([...benches.values()].map(async (bench) => (await bench).stop()));
  });
  const on = async (version: string, port: string | undefined, body: (bench: Opened) => Promise<void>): Promise<void> => {
    const opening = benches.get(version) ?? open(attachPostgres(Number(port)));
    if (kept === 'for the file') benches.set(version, opening);
    const bench = await opening;
    try {
      await body(bench);
    } finally {
      if (kept === 'for the test') await bench.stop();
    }
  };
  const onAll = async (body: (bench: Opened) => Promise<void>): Promise<void> => {
    const ports = await postgresPorts();
    const versions = testedVersions();
    const runs = await Promise.allSettled(versions.map((version) => on(version, ports[version], body)));
    const failed = runs.flatMap((run, at) => (run.status === 'rejected' ? [{ version: versions[at], why: run.reason as unknown }] : []));
    if (failed.length > 0)
      throw new Error(`fails on PostgreSQL ${failed.map(({ version }) => version).join(', ')}`, { cause: failed[0]?.why });
  };
  const testOnAll = (title: string, body: (bench: Opened) => Promise<void>): void => {
    test(title, () => onAll(body));
  };
  const each: TestOnEvery<Opened>['each'] = (rows) => (title, body) => {
    test.for(rows)(title, (row) => onAll((bench) => body(bench, ...row)));
  };
  return Object.assign(testOnAll, { each });
}

/** The ports of a server of each version. An older one is installed first where it is not there yet, which takes longer than a server may. */
async function postgresPorts(): Promise<Readonly<Record<string, string>>> {
  for (const version of testedVersions()) await packageOf(version);
  return serversOfWorker('test/support/postgres-servers.ts', throwAwayFolder());
}
