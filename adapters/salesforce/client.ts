import { Connection as Salesforce } from '@jsforce/jsforce-node';
import type { DescribeSObjectResult } from '@jsforce/jsforce-node';
import type { ClockReading } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { dateReading } from '../http.ts';
import type { Login } from './login.ts';
import { SingleTransport } from './transport.ts';
import type { Call, Observed } from './transport.ts';

/** A record as Salesforce sends it; `attributes` tells its type. */
export interface SalesforceRow extends Fields {
  readonly Id: string;
}

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
  /** Collection calls (at most 200 records; "sObject Collections"): the receipts as they came, to be checked by the caller. */
  createAll(type: string, records: readonly Fields[], call: WriteCall): Promise<unknown>;
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
}

/** jsforce over one login, a transport for each call, and without its refresh of dead sessions. */
export function createClient({ system, timeoutMs, apiVersion, observed, login }: ClientInput): Client {
  const entered = (call: Call): { readonly salesforce: Salesforce; readonly transport: SingleTransport } => {
    const salesforce = new Salesforce({ instanceUrl: login.instanceUrl, accessToken: login.accessToken, version: apiVersion });
    const transport = new SingleTransport(call, observed);
    salesforce._transport = transport;
    return { salesforce, transport };
  };
  const reading = (operation: string): ReturnType<typeof entered> => entered({ system, operation, timeoutMs, writes: false });
  const writing = (operation: string, call: WriteCall): Salesforce =>
    entered({ system, operation, timeoutMs, writes: true, ...call }).salesforce;
  return {
    login,
    query: async (soql) => {
      const { salesforce } = reading('query');
      let page = await salesforce.query<SalesforceRow>(soql);
      const rows = [...page.records];
      while (page.nextRecordsUrl !== undefined) {
        page = await salesforce.queryMore<SalesforceRow>(page.nextRecordsUrl);
        rows.push(...page.records);
      }
      return rows;
    },
    count: async (soql) => (await reading('count').salesforce.query(soql)).totalSize,
    describe: (type) => reading('describe').salesforce.describe(type),
    versions: async () => {
      const versions = await reading('versions').salesforce.request<readonly { readonly version: string }[]>('/services/data');
      return versions.map(({ version }) => version);
    },
    now: async () => {
      const { salesforce, transport } = reading('read the clock');
      await salesforce.request('/services/data');
      return dateReading(transport.headers, system);
    },
    row: async (type, id) => {
      const { salesforce, transport } = reading('read');
      try {
        return { row: await salesforce.request<SalesforceRow>(`/sobjects/${type}/${id}`), etag: transport.headers.get('etag') };
      } catch (error) {
        if (error instanceof AdapterError && error.kind === 'notFound') return null;
        throw error;
      }
    },
    createAll: (type, records, call) => writing('create', call).create(type, [...records]),
    updateAll: (type, records, call) => writing('update', call).update(type, [...records]),
    deleteAll: (type, ids, call) => writing('delete', call).destroy(type, [...ids]),
    updateIfMatch: async (type, id, fields, etag, call) => {
      await writing('update', call).request({
        method: 'PATCH',
        url: `/sobjects/${type}/${id}`,
        body: JSON.stringify(fields),
        headers: { 'content-type': 'application/json', 'if-match': etag },
      });
    },
  };
}
