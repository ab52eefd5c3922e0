import { Connection as Salesforce } from '@jsforce/jsforce-node';
import type { DescribeSObjectResult } from '@jsforce/jsforce-node';
import type { ClockReading } from '../../contracts/adapter.ts';
import type { CallMeter } from '../../contracts/calls.ts';
import type { Fields } from '../../contracts/fields.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { dateReading } from '../http.ts';
import { strangeAnswer } from './failure.ts';
import type { Login } from './login.ts';
import type { SalesforceRow } from './shapes.ts';
import { describeIn, pageIn, rowIn, versionsIn } from './shapes.ts';
import { SingleTransport } from './transport.ts';
import type { Call, Observed } from './transport.ts';

/** The calls of one login. Each rejects with AdapterError; what `beforeSend` throws passes through. */
export interface Client {
  readonly login: Login;
  /** All rows of a query, page after page (2,000 a page; REST guide, "Query"). */
  query(soql: string): Promise<readonly SalesforceRow[]>;
  /** The number a `SELECT COUNT()` finds. */
  count(soql: string): Promise<number>;
  describe(type: string): Promise<DescribeSObjectResult>;
  /** API versions the organization offers, such as `64.0`. */
  versions(): Promise<readonly string[]>;
  /** Salesforce's clock by the header `Date` of an answer. */
  now(): Promise<ClockReading>;
  /** One row with all its fields and its ETag; null when it is gone. */
  row(type: string, id: string): Promise<{ readonly row: SalesforceRow; readonly etag: string | null } | null>;
  /** Collection calls (at most 200 records; "sObject Collections"): the receipts as they came, to be checked by the caller. What is created is JSON already. */
  createAll(records: readonly string[], call: WriteCall): Promise<unknown>;
  updateAll(type: string, records: readonly SalesforceRow[], call: WriteCall): Promise<unknown>;
  deleteAll(type: string, ids: readonly string[], call: WriteCall): Promise<unknown>;
  /** Changes one record only if it still has this ETag (kind `conflict`); "Conditional Request Headers", on Account only. */
  updateIfMatch(type: string, id: string, fields: Fields, etag: string, call: WriteCall): Promise<void>;
}

export interface WriteCall {
  readonly signal: AbortSignal;
  readonly beforeSend: () => void;
}

interface ClientInput {
  readonly system: string;
  readonly timeoutMs: number;
  readonly apiVersion: string;
  readonly observed: Observed;
  readonly login: Login;
  readonly meter: CallMeter | undefined;
}

const json = { 'content-type': 'application/json' } as const;

/** Asked without jsforce's own queries, which tell of each row by an event. */
function queryPath(soql: string): string {
  return `/query?q=${encodeURIComponent(soql)}`;
}

/** jsforce over one login, a transport for each call, and without its refresh of dead sessions. */
export function createClient({ system, timeoutMs, apiVersion, observed, login, meter }: ClientInput): Client {
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
  return {
    login,
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
    row: (type, id) =>
      run(reading('read'), async (salesforce, transport) => {
        try {
          const answer: unknown = await salesforce.request(`/sobjects/${type}/${id}`);
          return { row: rowIn(answer, id, reading('read')), etag: transport.headers.get('etag') };
        } catch (error) {
          if (error instanceof AdapterError && error.kind === 'notFound') return null;
          throw error;
        }
      }),
    createAll: (records, call) =>
      run(writing('create', call), (salesforce) =>
        salesforce.request({
          method: 'POST',
          url: '/composite/sobjects',
          body: `{"allOrNone":false,"records":[${records.join(',')}]}`,
          headers: json,
        }),
      ),
    updateAll: (type, records, call) => run(writing('update', call), (salesforce) => salesforce.update(type, [...records])),
    deleteAll: (type, ids, call) => run(writing('delete', call), (salesforce) => salesforce.destroy(type, [...ids])),
    updateIfMatch: async (type, id, fields, etag, call) => {
      await run(writing('update', call), (salesforce) =>
        salesforce.request({
          method: 'PATCH',
          url: `/sobjects/${type}/${id}`,
          body: JSON.stringify(fields),
          headers: { ...json, 'if-match': etag },
        }),
      );
    },
  };
}
