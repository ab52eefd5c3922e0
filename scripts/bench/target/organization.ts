import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxHandler, SandboxReply, SandboxRequest } from '../../../sandbox/http-server.ts';
import { createSalesforceSandbox } from '../../../sandbox/salesforce/sandbox.ts';
import { parseSoql } from '../../../sandbox/salesforce/soql.ts';
import { fieldNames, keyField } from '../accounts.ts';
import { asAccounts, asLeads, type Kind } from '../kinds.ts';
import type { Quota } from '../sizes.ts';
import { answerTimes, isRefused, type Trouble } from '../trouble.ts';
import { CallCount } from './call-count.ts';
import { Records, type Given } from './records.ts';

/** Who may enter, by which secret. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Enough that no round ends at it. */
const dailyRequests = 1_000_000_000;

const tooMany = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'more calls than this organization takes' }];

const refusal = [
  { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'a rule of this organization refuses the record', fields: [] },
];

const kinds = [asAccounts, asLeads];

/** A record of a collection as it is sent, and as it is kept. */
type Sent = Given & { readonly attributes: { readonly type: string } };

/**
 * An organization that costs the machine as little as it can: what a load sends and reads (collections, queries by id and key) is answered from
 * maps, unchecked; all else (logins, descriptions, rights) is the sandbox's own answer. Every answer of the API takes `answerMs`, or as long as the trouble
 * says, by which some records are refused, too.
 */
export class Organization {
  readonly #sandbox: SandboxHandler;
  readonly #answerMs: () => number;
  readonly #refuses: (key: string) => boolean;
  readonly #calls: CallCount;
  readonly #all = [new Records('Account', '001', keyField), new Records('Lead', '00Q', 'Email')];
  /** Who holds which token. */
  readonly #users = new Map<string, string>();

  constructor(credentials: Credentials, answerMs: number, quota: Quota | null, trouble: Trouble | null) {
    this.#calls = new CallCount(quota);
    this.#sandbox = createSalesforceSandbox({ apps: [{ user: 'cutover', ...credentials }], seed: { dailyRequests } });
    this.#answerMs = trouble === null ? () => answerMs : answerTimes(trouble);
    this.#refuses = (key) => trouble !== null && isRefused(trouble, key);
  }

  /** Answers a request; what the bench itself asks is answered at once. */
  async answer(request: SandboxRequest): Promise<SandboxReply> {
    const from = performance.now();
    const told = this.#control(request);
    if (told !== null) return told;
    if (request.path.startsWith('/services/oauth2/')) return this.#inTime(from, await this.#enter(request));
    this.#calls.began(Date.now());
    try {
      return await this.#inTime(from, await this.#api(request));
    } finally {
      this.#calls.ended();
    }
  }

  /** A reply when its time has come. */
  async #inTime(from: number, reply: SandboxReply): Promise<SandboxReply> {
    const left = this.#answerMs() - (performance.now() - from);
    if (left > 0) await sleep(left);
    return reply;
  }

  /** `/_bench/records?type=&from=&count=`, `/_bench/counted?from=&to=`, and `/_bench/clear` before a round. */
  #control({ path, query }: SandboxRequest): SandboxReply | null {
    if (path === '/_bench/clear') {
      for (const records of this.#all) records.clear();
      return { status: 204 };
    }
    if (path === '/_bench/counted') return { status: 200, body: this.#calls.counted(Number(query.get('from')), Number(query.get('to'))) };
    if (path !== '/_bench/records') return null;
    return { status: 200, body: this.#ofType(query.get('type'))?.page(Number(query.get('from')), Number(query.get('count'))) ?? [] };
  }

  async #enter(request: SandboxRequest): Promise<SandboxReply> {
    const reply = await this.#sandbox(request);
    const { body } = reply;
    if (request.path.endsWith('/token') && typeof body === 'object' && body !== null && 'access_token' in body && 'id' in body)
      this.#users.set(String(body.access_token), String(body.id).split('/').at(-1) ?? '');
    if (request.path.endsWith('/revoke')) this.#users.delete(new URLSearchParams(request.body).get('token') ?? '');
    return reply;
  }

  async #api(request: SandboxRequest): Promise<SandboxReply> {
    const described = kinds.find(({ type }) => request.path.endsWith(`/sobjects/${type}/describe`));
    if (described !== undefined) return withMoreFields(await this.#sandbox(request), described);
    const user = this.#users.get((request.headers['authorization'] ?? '').replace(/^Bearer /, ''));
    const waitMs = this.#calls.enter(Date.now());
    if (waitMs > 0) return { status: 429, headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) }, body: tooMany };
    const own = user === undefined ? null : this.#hot(request, user);
    return own ?? this.#sandbox(request);
  }

  #hot(request: SandboxRequest, user: string): SandboxReply | null {
    if (request.path.endsWith('/query')) return this.#query(request);
    return request.path.endsWith('/composite/sobjects') ? this.#collection(request, user) : null;
  }

  #collection(request: SandboxRequest, user: string): SandboxReply | null {
    if (request.method === 'DELETE')
      return receipts((request.query.get('ids') ?? '').split(','), (id) => this.#all.some((records) => records.remove(id)));
    const { records } = JSON.parse(request.body) as { readonly records: readonly Sent[] };
    const own = this.#ofType(records[0]?.attributes.type);
    if (own === undefined) return null;
    if (request.method === 'POST') return { status: 200, body: records.map((sent) => this.#created(own, sent, user)) };
    const changes = new Map(records.map((sent) => [String(sent['Id'] ?? sent['id']), sent]));
    return receipts([...changes.keys()], (id) => own.change(id, changes.get(id) ?? {}));
  }

  #created(own: Records, sent: Sent, user: string): unknown {
    if (this.#refuses(String(sent[own.key]))) return { success: false, errors: refusal };
    return { id: own.create(sent, user), success: true, errors: [] };
  }

  #query(request: SandboxRequest): SandboxReply | null {
    const query = parseSoql(request.query.get('q') ?? '');
    const own = this.#ofType(query.type);
    if (own === undefined) return null;
    const { fields } = query;
    if (fields === null && query.where === null) return { status: 200, body: { totalSize: own.size, done: true, records: [] } };
    const rows = own.find(query);
    if (rows === null || fields === null)
      return { status: 400, body: [{ errorCode: 'MALFORMED_QUERY', message: 'this organization is searched by Id and by its key only' }] };
    const records = rows.map((row) => ({
      attributes: { type: own.type },
      ...Object.fromEntries(fields.map((name) => [name, row[name] ?? null])),
    }));
    return { status: 200, body: { totalSize: records.length, done: true, records } };
  }

  #ofType(type: unknown): Records | undefined {
    return this.#all.find((records) => records.type === type);
  }
}

function receipts(ids: readonly string[], done: (id: string) => boolean): SandboxReply {
  const gone = [{ statusCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }];
  return { status: 200, body: ids.map((id) => (done(id) ? { id, success: true, errors: [] } : { success: false, errors: gone })) };
}

/** The sandbox's description with the fields of the bench that it lacks. */
function withMoreFields(reply: SandboxReply, kind: Kind): SandboxReply {
  const body = reply.body as { readonly fields?: readonly Given[] };
  const known = body.fields ?? [];
  const like = known.find(({ type }) => type === 'string');
  if (like === undefined) return reply;
  const more = fieldNames.map((name) => kind.nameOf(name)).filter((name) => !known.some((field) => field['name'] === name));
  const shape = { ...like, length: 255, nillable: true };
  return { ...reply, body: { ...body, fields: [...known, ...more.map((name) => ({ ...shape, name, label: name }))] } };
}
