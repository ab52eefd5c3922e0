import { randomBytes } from 'node:crypto';
import { createClock, dateHeader } from '../clock.ts';
import type { SandboxHandler, SandboxReply, SandboxRequest } from '../http-server.ts';
import type { Journal } from '../journal.ts';
import { controlReply, createJournal } from '../journal.ts';
import { collection } from './collections.ts';
import { composite } from './composite.ts';
import { ApiError, notFound } from './errors.ts';
import { createIngestJobs, type IngestJobs } from './ingest.ts';
import type { Organization, Settings } from './organization.ts';
import { createOrganization } from './organization.ts';
import type { Queries } from './queries.ts';
import { createQueries } from './queries.ts';
import { createQueryJobs, type QueryJobs } from './query-jobs.ts';
import { longId } from './record-id.ts';
import type { Visit } from './resources.ts';
import { describe, postRow, row } from './resources.ts';
import { schema } from './schema.ts';
import type { SalesforceSeed } from './seed-data.ts';
import { createRequestCount } from './request-count.ts';
import { applySeed } from './seed.ts';
import { createStore } from './store.ts';
import type { ConnectedApp } from './tokens.ts';
import { createTokens } from './tokens.ts';
import type { OwnUser } from './users.ts';
import { createOwnUsers, grantAllData } from './users.ts';
import { webToLead } from './web-to-lead.ts';

/** A connected app of one of the sandbox's own users. */
export type AppSettings = Omit<ConnectedApp, 'userId'> & { readonly user: OwnUser };

interface SalesforceSandboxOptions {
  readonly apps: readonly AppSettings[];
  readonly seed: SalesforceSeed;
}

/** API requests of a Developer Edition organization in 24 hours. */
const defaultDailyRequests = 15_000;
const dayMs = 86_400_000;

/** A stand-in for a Salesforce organization that keeps its records in memory; built to the vendor's REST, SOQL and OAuth guides. */
export function createSalesforceSandbox({ apps, seed }: SalesforceSandboxOptions): SandboxHandler {
  const clock = createClock();
  const store = createStore(clock);
  const users = createOwnUsers(store);
  const journal = createJournal();
  let settings: Settings = {};
  const organizationId = longId(`00D${randomBytes(9).toString('base64url').replace(/[-_]/g, 'x')}`);
  const organization = createOrganization({ id: organizationId, store, users, settings: () => settings });
  const tokens = createTokens({
    apps: apps.map((app) => ({ ...app, userId: users[app.user] })),
    store,
    organizationId,
    settings: () => settings,
  });
  const books: Books = { queries: createQueries(), ingest: createIngestJobs(), query: createQueryJobs() };
  const plant = (data: SalesforceSeed): void => {
    if (data.clockOffsetMs !== undefined) clock.set(data.clockOffsetMs);
    if (data.administrator === true && settings.administrator !== true) grantAllData(store, users.cutover, users.admin);
    settings = { ...settings, ...data };
    applySeed(organization, data);
  };
  grantAllData(store, users.admin, users.admin);
  plant(seed);
  const requests = createRequestCount();

  const api = (request: SandboxRequest): SandboxReply => {
    const userId = tokens.userOf(request.headers['authorization']);
    const visit = { organization, journal, request, access: organization.access(userId ?? '') };
    const { dailyRequests: limit = defaultDailyRequests, requestWindowMs: windowMs = dayMs } = settings;
    const reply = answered(journal, visit.access.username, request, () => {
      if (userId === null) throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
      if (requests.within(windowMs) >= limit) throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
      requests.add();
      return route(visit, books);
    });
    return {
      ...reply,
      headers: { ...reply.headers, 'sforce-limit-info': `api-usage=${String(requests.within(windowMs))}/${String(limit)}` },
    };
  };

  const respond = (request: SandboxRequest): SandboxReply =>
    versions(request) ??
    controlReply(
      {
        journal,
        tables: () => tablesOf(organization),
        seed: (data) => {
          plant(data as SalesforceSeed);
        },
      },
      request,
    ) ??
    tokens.answer(request) ??
    webToLead(organization, journal, request) ??
    api(request);
  return (request) => {
    const reply = respond(request);
    return { ...reply, headers: { ...dateHeader(clock), ...reply.headers } };
  };
}

/** Every version up to this one is offered; three a year. */
const newestVersion = 67;

/** `GET /services/data`, open to anybody: the versions of the API. */
function versions(request: SandboxRequest): SandboxReply | null {
  if (request.method !== 'GET' || !/^\/services\/data\/?$/.test(request.path)) return null;
  const offered = Array.from({ length: newestVersion - 30 }, (_, index) => `${String(index + 31)}.0`);
  return { status: 200, body: offered.map((version) => ({ version, label: `API ${version}`, url: `/services/data/v${version}` })) };
}

/** What the organization keeps of calls that go on in later ones. */
interface Books {
  readonly queries: Queries;
  readonly ingest: IngestJobs;
  readonly query: QueryJobs;
}

/** Resources under `/services/data/v<version>/`. */
function route(visit: Omit<Visit, 'version'>, books: Books): SandboxReply {
  const [, version = '', rest = ''] = /^\/services\/data\/v(\d+\.0)\/(.*?)\/?$/.exec(visit.request.path) ?? [];
  const [resource = '', type = '', third = '', ...more] = rest.split('/');
  const full: Visit = { ...visit, version };
  const { method } = visit.request;
  if (Number(version) < 31 || Number(version) > newestVersion) throw notFound();
  if (resource === 'jobs' && (type === 'ingest' || type === 'query') && more.length < 2)
    return books[type].answer(full, third, more[0] ?? '');
  if (more.length > 0) throw notFound();
  if (resource === 'query' && method === 'GET') return type === '' ? books.queries.first(full) : books.queries.next(full, type);
  if (resource === 'composite' && type === 'sobjects' && third === '') return collection(full);
  if (resource === 'composite' && type === '' && method === 'POST')
    return composite(full, (request) => route({ ...visit, request }, books));
  if (resource !== 'sobjects' || type === '') throw notFound();
  if (schema[type] === undefined) throw notFound();
  if (third === 'describe' && method === 'GET') return describe(full, type);
  if (third !== '') return row(full, type, third);
  if (method === 'POST') return postRow(full, type);
  throw notFound();
}

/** Answers and writes the journal; a refusal is a list of one error. */
function answered(journal: Journal, user: string, request: SandboxRequest, work: () => SandboxReply): SandboxReply {
  const resource = request.path.replace(/^\/services\/data\/v[\d.]+\//, '').replace(/\/(?=[^/]*\d)[a-zA-Z0-9-]{15,}/, '/{id}');
  const method = `${request.method} ${resource}`;
  try {
    const reply = work();
    journal.record(user === '' ? null : user, method, 'ok');
    return reply;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    journal.record(user === '' ? null : user, method, error.errorCode);
    return { status: error.status, body: [{ message: error.message, errorCode: error.errorCode, fields: error.fields }] };
  }
}

/** Records of every object that are not deleted. */
function tablesOf({ store }: Organization): unknown {
  return Object.fromEntries(Object.keys(schema).map((type) => [type, store.all(type).map((record) => record.values)]));
}
