import { randomUUID } from 'node:crypto';
import type { SandboxReply } from '../http-server.ts';
import { ApiError } from './errors.ts';
import { mayDo } from './organization.ts';
import { runQuery } from './querying.ts';
import type { Visit } from './resources.ts';
import { parseSoql } from './soql.ts';

/** Rows Salesforce gives on one page. */
const pageSize = 2_000;

/** Queries and the rest of their rows, by locator. */
export interface Queries {
  /** `GET query?q=`. */
  first(visit: Visit): SandboxReply;
  /** `GET query/<locator>-<offset>`. */
  next(visit: Visit, locator: string): SandboxReply;
}

export function createQueries(): Queries {
  const results = new Map<string, readonly unknown[]>();
  const page = ({ organization, version }: Visit, locator: string, offset: number): SandboxReply => {
    const rows = results.get(locator) ?? [];
    const end = offset + (organization.settings.queryPage ?? pageSize);
    const done = end >= rows.length;
    const rest = done ? {} : { nextRecordsUrl: `/services/data/v${version}/query/${locator}-${String(end)}` };
    if (done) results.delete(locator);
    return { status: 200, body: { totalSize: rows.length, done, ...rest, records: rows.slice(offset, end) } };
  };
  return {
    first: (visit) => {
      const query = parseSoql(visit.request.query.get('q') ?? '');
      if (!mayDo(visit.organization, visit.access, 'read', query.type))
        throw new ApiError(400, 'INVALID_TYPE', `sObject type '${query.type}' is not supported.`);
      const rows = runQuery(visit.organization, visit.version, query);
      if (query.fields === null) return { status: 200, body: { totalSize: rows.length, done: true, records: [] } };
      const locator = `01g${randomUUID().replaceAll('-', '').slice(0, 12)}`;
      results.set(locator, rows);
      return page(visit, locator, 0);
    },
    next: (visit, locator) => {
      const [, name = '', offset = ''] = /^(\w+)-(\d+)$/.exec(locator) ?? [];
      if (!results.has(name)) throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
      return page(visit, name, Number(offset));
    },
  };
}
