import type { Capabilities, Session, TargetPort } from '../../contracts/adapter.ts';
import type { Connection } from '../../contracts/connection.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { plainRounding } from '../../domain/money/rounding.ts';
import type { SalesforceSystem } from '../../domain/plan/systems.ts';
import { commitHorizonMs } from '../commit-horizon.ts';
import { changesOf } from './changes.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';
import { EntranceRefused } from './failure.ts';
import { fingerprint } from './fingerprint.ts';
import { outcomesOfJob } from './job-end.ts';
import { createGate } from './login.ts';
import type { SalesforceObject } from './objects.ts';
import { collectionSize, salesforceObjects, usuallyInFlight } from './objects.ts';
import { probeSalesforce } from './probe.ts';
import { describeFields, faultsOf, findByFields, findByKey, getByIds, touchedAmong } from './read.ts';
import { endJob, partsOfHandle, SessionJobs } from './session-jobs.ts';
import type { Observed } from './transport.ts';
import { writeRows } from './write.ts';

/** Salesforce stops a synchronous request after 10 minutes of running ("Execution Governors and Limits": maximum execution time for each transaction, ms). */
const transactionLimitMs = 600_000;

/**
 * How long a call counts against the organization's limit of API requests (ms). Assumed is what Salesforce says of its 24-hour limits ("Learn About
 * Daily Rate Limits"): the window rolls with each call and is reset at no hour, so a call leaves it exactly 24 hours after it was made.
 */
const dayMs = 86_400_000;

/**
 * Salesforce over REST. `connection.values` as in `createGate`, and optionally `commitHorizonMs` where a shorter limit is known.
 * Each session logs in with a token of its own; revoking it is the fence. A call that was accepted before goes on to its end.
 */
export function createSalesforce(plan: SalesforceSystem, connection: Connection): TargetPort {
  const { system, callTimeoutMs, meter } = connection;
  const observed: Observed = { usage: null, clockSkewMs: 0, windowMs: apiWindowMs(connection) };
  const inFlight = callsInFlight(connection);
  const gate = createGate(connection, observed);
  const objects = salesforceObjects(plan, inFlight);
  const open = async (): Promise<Client> =>
    createClient({
      ...{ system, timeoutMs: callTimeoutMs, apiVersion: plan.apiVersion, bulkFrom: plan.bulkFrom },
      ...{ observed, login: await gate.login(), meter, inFlight },
    });
  const reading = readingClient(open);
  const named = (name: string): SalesforceObject => {
    const object = objects[name];
    if (object) return object;
    throw new AdapterError('unsupported', `${system}: this adapter has no object "${name}"; it has ${Object.keys(objects).join(', ')}`, {
      system,
      operation: 'describe',
    });
  };
  /** The login first: then nobody hands another job over, or this one again. Where one of them cannot be ended, the others are. */
  const endSession = async (handle: string): Promise<void> => {
    const { accessToken, jobs } = partsOfHandle(handle);
    const login = await Promise.allSettled([gate.revoke(accessToken)]);
    const ended = await Promise.allSettled(jobs.map((job) => reading.run((client) => endJob(client.jobs, job))));
    for (const end of [...login, ...ended]) if (end.status === 'rejected') throw end.reason;
  };
  return {
    capabilities: capabilities(objects, inFlight, commitHorizonMs(connection, transactionLimitMs)),
    probe: () => reading.run((client) => probeSalesforce({ system, client, plan, observed, open, revoke: (token) => gate.revoke(token) })),
    now: () => reading.run((client) => client.now()),
    describe: (name) => reading.run((client) => describeFields(client, named(name))),
    fingerprint: () => reading.run((client) => fingerprint(client)),
    check: (name, records) => reading.run((client) => faultsOf(client, system, named(name), records)),
    get: (name, ids) => reading.run((client) => getByIds(client, named(name), ids)),
    findByKey: (name, keys) => reading.run((client) => findByKey(client, named(name), keys)),
    findByFields: (name, criteria) => reading.run((client) => findByFields(client, system, named(name), criteria)),
    changesSince: async function* (names, since) {
      for (const name of names) yield* changesOf((read) => reading.run(read), name, named(name), since);
    },
    touched: (name, ids, since) => reading.run((client) => touchedAmong(client, named(name), ids, since)),
    count: (name) => reading.run((client) => client.count(`SELECT COUNT() FROM ${named(name).type}`)),
    usage: async () => {
      if (observed.usage === null) await reading.run((client) => client.describe('Account'));
      return observed.usage ?? { used: 0, limit: null };
    },
    open: async (): Promise<Session> => {
      const client = await open();
      const jobs = new SessionJobs(client.login.accessToken);
      return {
        handle: client.login.accessToken,
        write: async (name, rows, call) => writeRows({ client, system, object: named(name), rows, call, jobs }),
        close: () => endSession(jobs.handle),
      };
    },
    endSession,
    workOf: async (handle, name, rows) => {
      const { accessToken, jobs } = partsOfHandle(handle);
      const object = named(name);
      // Addresses of leads may stand in several jobs of a session; a mark stands in one.
      if (jobs.length === 0 || object.markerField === null) return [];
      await gate.revoke(accessToken);
      const subject = { system, operation: 'create', writes: true };
      const told = await Promise.all(jobs.map((job) => reading.run((client) => outcomesOfJob({ client, object, subject }, job, rows))));
      return told.flatMap(({ outcomes }) => outcomes.filter(({ outcome }) => outcome !== 'unknown'));
    },
    dispose: () => reading.end((client) => gate.revoke(client.login.accessToken)),
  };
}

/** `apiWindowMs` of the connection where it is given: an organization that stands in for Salesforce may count over a shorter time. */
function apiWindowMs(connection: Connection): number {
  return wholeNumber(connection, 'apiWindowMs', dayMs, 'a whole number of milliseconds above 0', (given) => given > 0);
}

/** With more, four lanes would come to those 25 ("API Request Limits": concurrent requests of 20 seconds or more). */
const mostInFlight = 6;

/** `callsInFlight` of the connection where it is given: others may need a part of what the organization takes at once, or there is more to be had. */
function callsInFlight(connection: Connection): number {
  const words = `a whole number from 1 to ${String(mostInFlight)}`;
  return wholeNumber(connection, 'callsInFlight', usuallyInFlight, words, (given) => given > 0 && given <= mostInFlight);
}

function wholeNumber({ system, values }: Connection, name: string, usual: number, words: string, fits: (given: number) => boolean): number {
  const given = Number(values[name] ?? usual);
  if (Number.isInteger(given) && fits(given)) return given;
  throw new AdapterError('invalidData', `${system}: ${name} must be ${words}.`, { system, operation: 'connect' });
}

function capabilities(objects: Readonly<Record<string, SalesforceObject>>, inFlight: number, horizonMs: number): Capabilities {
  return {
    adapter: 'salesforce',
    objects: Object.fromEntries(Object.entries(objects).map(([name, object]) => [name, object.capability])),
    fence: 'session',
    commitHorizonMs: horizonMs,
    // Queries by indexed fields and reads by id see committed data at once; only the search index (SOSL), which is not used, lags.
    readLagMs: 0,
    // CreatedDate and SystemModstamp have whole seconds.
    instantResolutionMs: 1000,
    batchSize: collectionSize,
    writesInFlight: inFlight,
    // Read; read with its ETag, written under it, read back; and the search. Who worked on it is asked before a delete alone, and records are restored here.
    callsPerUndoBatch: 5,
    atomicBatch: false,
    rounding: plainRounding('halfUp'),
    freeze: null,
  };
}

interface ReadingClient {
  run<T>(read: (client: Client) => Promise<T>): Promise<T>;
  end(revoke: (client: Client) => Promise<void>): Promise<void>;
}

/** One login shared by all reads, renewed once when Salesforce no longer accepts it. */
function readingClient(open: () => Promise<Client>): ReadingClient {
  let current: Promise<Client> | null = null;
  const client = (): Promise<Client> =>
    (current ??= open().catch((error: unknown) => {
      current = null;
      throw error;
    }));
  return {
    run: async (read) => {
      const used = await client();
      try {
        return await read(used);
      } catch (error) {
        if (!(error instanceof EntranceRefused)) throw error;
        current = null;
        return read(await client());
      }
    },
    end: async (revoke) => {
      const last = current;
      current = null;
      if (last !== null) await revoke(await last);
    },
  };
}
