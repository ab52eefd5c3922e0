import { Connection as Salesforce } from '@jsforce/jsforce-node';
import type { DescribeSObjectResult } from '@jsforce/jsforce-node';
import type { ClockReading } from '../../contracts/adapter.ts';
import type { CallMeter } from '../../contracts/calls.ts';
import type { Fields } from '../../contracts/fields.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { dateReading } from '../http.ts';
import { compositeBody, compositeSize, compositeVersion, subrepliesIn, type Subreply, type Subrequest } from './composite.ts';
import { strangeAnswer } from './failure.ts';
import { jobCalls, queryJobCalls, type JobCalls, type QueryJobCalls } from './job-calls.ts';
import type { Login } from './login.ts';
import { loadHeaders } from './objects.ts';
import type { SalesforceRow } from './shapes.ts';
import { describeIn, pageIn, rowIn, versionsIn } from './shapes.ts';
import { SingleTransport } from './transport.ts';
import type { Call, Observed, WriteCall } from './transport.ts';

/** The calls of one login. Each rejects with AdapterError; what `beforeSend` throws passes through. */
export interface Client {
  readonly login: Login;
  /** Queries of one read that are under way at once: as many as the writes of a lane. */
  readonly inFlight: number;
  /** All rows of a query, page after page (2,000 a page; REST guide, "Query"). */
  query(soql: string): Promise<readonly SalesforceRow[]>;
  /** The number a `SELECT COUNT()` finds. */
  count(soql: string): Promise<number>;
  describe(type: string): Promise<DescribeSObjectResult>;
  /** API versions the organization offers, such as `64.0`. */
  versions(): Promise<readonly string[]>;
  /** Salesforce's clock by the header `Date` of an answer. */
  now(): Promise<ClockReading>;
  /** How many calls may go in one composite: one, which is then made without, where the version does not take them in their order. */
  readonly together: number;
  /** Rows with all their fields and their ETags, as many as a composite takes, at their places; or why one cannot be read. */
  rows(type: string, ids: readonly string[]): Promise<readonly (FoundRow | AdapterError)[]>;
  /** Collection calls (at most 200 records; "sObject Collections"): the receipts as they came, to be checked by the caller. What is created is JSON already. */
  createAll(records: readonly string[], call: WriteCall): Promise<unknown>;
  updateAll(type: string, records: readonly SalesforceRow[], call: WriteCall): Promise<unknown>;
  deleteAll(type: string, ids: readonly string[], call: WriteCall): Promise<unknown>;
  /**
   * Changes records, as many as a composite takes, each only if it still has its ETag (kind `conflict`; "Conditional Request Headers", on Account
   * only). At their places null, or why one was not changed.
   */
  updateIfMatch(type: string, changes: readonly Change[], call: WriteCall): Promise<readonly (AdapterError | null)[]>;
  /** Jobs that load many records, and such that read them (Bulk API 2.0); records by so many values are read by them, or (null) never. */
  readonly jobs: JobCalls;
  readonly queryJobs: QueryJobCalls;
  readonly bulkFrom: number | null;
}

/** A row as it was read by itself. */
export interface FoundRow {
  readonly row: SalesforceRow;
  readonly etag: string | null;
}

interface Change {
  readonly id: string;
  readonly fields: Fields;
  readonly etag: string;
}

interface ClientInput {
  readonly system: string;
  readonly timeoutMs: number;
  readonly apiVersion: string;
  readonly bulkFrom: number | null;
  readonly observed: Observed;
  readonly login: Login;
  readonly meter: CallMeter | undefined;
  readonly inFlight: number;
}

const json = { 'content-type': 'application/json' } as const;

/** Asked without jsforce's own queries, which tell of each row by an event. */
function queryPath(soql: string): string {
  return `/query?q=${encodeURIComponent(soql)}`;
}

/** jsforce over one login, a transport for each call, and without its refresh of dead sessions. */
export function createClient({ system, timeoutMs, apiVersion, observed, login, meter, inFlight, bulkFrom }: ClientInput): Client {
  /** One or more calls of jsforce; what it throws over an answer that it could not read is an answer of another shape. */
  const run = async <T>(call: Call, work: (salesforce: Salesforce, transport: SingleTransport) => Promise<T>): Promise<T> => {
    const salesforce = new Salesforce({ instanceUrl: login.instanceUrl, accessToken: login.accessToken, version: apiVersion });
    const transport = new SingleTransport(call, observed);
    salesforce._transport = transport;
    try {
      return await work(salesforce, transport);
    } catch (error) {
      if (error instanceof AdapterError || !transport.answered) throw error;
      throw strangeAnswer(call, 200);
    }
  };
  const metered = { meter, instance: `salesforce:${login.organizationId}` };
  const reading = (operation: string): Call => ({ system, operation, timeoutMs, writes: false, metered });
  const writing = (operation: string, call: WriteCall): Call => ({ system, operation, timeoutMs, writes: true, metered, ...call });
  const rowUrl = (type: string, id: string): string => `/services/data/v${apiVersion}/sobjects/${type}/${id}`;
  const composite = (call: Call, calls: readonly Subrequest[]): Promise<readonly (Subreply | AdapterError)[]> =>
    run(call, async (salesforce) => {
      const answer: unknown = await salesforce.request({ method: 'POST', url: '/composite', body: compositeBody(calls), headers: json });
      return subrepliesIn(answer, calls.length, call);
    });
  return {
    login,
    inFlight,
    jobs: jobCalls({ run, reading, writing }),
    queryJobs: queryJobCalls({ run, reading }),
    bulkFrom,
    together: Number(apiVersion) < compositeVersion ? 1 : compositeSize,
    query: (soql) => {
      const call = reading('query');
      return run(call, async (salesforce) => {
        let page = pageIn(await salesforce.request(queryPath(soql)), call);
        const rows = [...page.records];
        while (page.nextRecordsUrl !== null) {
          page = pageIn(await salesforce.request(page.nextRecordsUrl), call);
          rows.push(...page.records);
        }
        if (rows.length !== page.totalSize) throw strangeAnswer(call, 200);
        return rows;
      });
    },
    count: (soql) =>
      run(reading('count'), async (salesforce) => pageIn(await salesforce.request(queryPath(soql)), reading('count')).totalSize),
    describe: (type) =>
      run(reading('describe'), async (salesforce) => describeIn(await salesforce.describe(type), type, reading('describe'))),
    versions: () =>
      run(reading('versions'), async (salesforce) => versionsIn(await salesforce.request('/services/data'), reading('versions'))),
    now: () =>
      run(reading('read the clock'), async (salesforce, transport) => {
        await salesforce.request('/services/data');
        return dateReading(transport.headers, system);
      }),
    rows: async (type, ids) => {
      const call = reading('read');
      const [first = ''] = ids;
      if (ids.length === 1)
        return run(call, async (salesforce, transport) => {
          try {
            const answer: unknown = await salesforce.request(`/sobjects/${type}/${first}`);
            return [{ row: rowIn(answer, first, call), etag: transport.headers.get('etag') }];
          } catch (error) {
            if (error instanceof AdapterError && error.kind === 'notFound') return [error];
            throw error;
          }
        });
      const replies = await composite(
        call,
        ids.map((id) => ({ method: 'GET', url: rowUrl(type, id) })),
      );
      return replies.map((reply, place) =>
        reply instanceof AdapterError ? reply : { row: rowIn(reply.body, ids[place] ?? '', call), etag: reply.etag },
      );
    },
    createAll: (records, call) =>
      run(writing('create', call), (salesforce) =>
        salesforce.request({
          method: 'POST',
          url: '/composite/sobjects',
          body: `{"allOrNone":false,"records":[${records.join(',')}]}`,
          headers: call.assigns === true ? json : { ...json, ...loadHeaders },
        }),
      ),
    updateAll: (type, records, call) => run(writing('update', call), (salesforce) => salesforce.update(type, [...records])),
    deleteAll: (type, ids, call) => run(writing('delete', call), (salesforce) => salesforce.destroy(type, [...ids])),
    updateIfMatch: async (type, changes, given) => {
      const call = writing('update', given);
      const [first] = changes;
      if (first !== undefined && changes.length === 1) {
        const { id, fields, etag } = first;
        const headers = { ...json, 'if-match': etag };
        await run(call, (salesforce) =>
          salesforce.request({ method: 'PATCH', url: `/sobjects/${type}/${id}`, body: JSON.stringify(fields), headers }),
        );
        return [null];
      }
      const replies = await composite(
        call,
        changes.map(({ id, fields, etag }) => ({
          method: 'PATCH',
          url: rowUrl(type, id),
          httpHeaders: { 'If-Match': etag },
          body: fields,
        })),
      );
      return replies.map((reply) => (reply instanceof AdapterError ? reply : null));
    },
  };
}
