import { createClock, dateHeader } from '../clock.ts';
import type { SandboxHandler, SandboxReply, SandboxRequest } from '../http-server.ts';
import type { Journal } from '../journal.ts';
import { controlReply, createJournal } from '../journal.ts';
import { callModel } from './calls.ts';
import { ConcurrencyException, HttpRefusal, UnknownName, UserError } from './errors.ts';
import type { TrytonSeed } from './seed-data.ts';
import { applySeed, baseSeed } from './seed.ts';
import { createStore } from './store.ts';
import { dumpTables } from './tables.ts';
import type { Passwords, User } from './users.ts';
import { createUsers } from './users.ts';
import type { Value, Values } from './value.ts';
import type { Act } from './writing.ts';

export interface TrytonSandboxOptions {
  readonly database: string;
  readonly passwords: Passwords;
  readonly seed: TrytonSeed;
}

interface Rpc {
  readonly id: Value;
  readonly method: string;
  readonly params: readonly Value[];
}

/** A stand-in for Tryton 8.2 that keeps its records in memory and answers as the real one was seen to answer. */
export function createTrytonSandbox({ database, passwords, seed }: TrytonSandboxOptions): SandboxHandler {
  const clock = createClock();
  const store = createStore(clock);
  const users = createUsers(passwords);
  const journal = createJournal();
  const autoInvoiced = new Set<string>();
  let invoicesAll = false;

  const actOf = (user: User, context: Values): Act => ({
    store: context['active_test'] === false ? { ...store, showsInactive: true } : store,
    user,
    created: new Map(),
    stamps: new Map(Object.entries(context['_timestamp'] ?? {}) as [string, string][]),
  });
  const plant = (data: TrytonSeed): void => {
    if (data.clockOffsetMs !== undefined) clock.set(data.clockOffsetMs);
    const act = actOf(users.sales, {});
    store.transaction(() => {
      applySeed(act, data);
    });
    if (data.cutoverGroups !== undefined) users.regroup(data.cutoverGroups);
    for (const [field, size] of Object.entries(data.sizes ?? {})) {
      if (size === null) store.sizes.delete(field);
      else store.sizes.set(field, size);
    }
    if (data.autoInvoice === true) invoicesAll = true;
    else for (const reference of data.autoInvoice ?? []) autoInvoiced.add(reference);
  };
  baseSeed(store, users.sales, seed);
  plant(seed);

  const run = (user: User, rpc: Rpc): Value => {
    const context = rpc.params.at(-1);
    if (typeof context !== 'object' || context === null || Array.isArray(context)) throw new HttpRefusal(422, 'Missing context argument');
    const [, model = '', method = ''] = /^model\.(.+)\.(\w+)$/.exec(rpc.method) ?? [];
    const act = actOf(user, context);
    const invoicesItself = (reference: string): boolean => invoicesAll || autoInvoiced.has(reference);
    const result = store.transaction(() => callModel(act, model, method, rpc.params.slice(0, -1), invoicesItself));
    for (const [made, count] of act.created) journal.created(made, user.login, count);
    return result;
  };

  const dispatch = (rpc: Rpc, authorization: string | undefined, seen: (user: string) => void): Value => {
    if (rpc.method === 'common.db.login') return [...users.login(rpc.params[0], (rpc.params[1] as Values | undefined)?.['password'])];
    const { user, key } = users.userOf(authorization);
    seen(user.login);
    if (rpc.method !== 'common.db.logout') return run(user, rpc);
    users.logout(key);
    return null;
  };

  const respond = (request: SandboxRequest): SandboxReply => {
    const control = controlReply(
      {
        journal,
        tables: () => dumpTables(store),
        seed: (data) => {
          plant(data as TrytonSeed);
        },
      },
      request,
    );
    if (control) return control;
    const rpc = parse(request);
    if (rpc === null) return { status: request.method === 'POST' ? 400 : 405, body: '<title>Bad Request</title>' };
    if (request.path === '/rpc/')
      return { status: 200, body: { id: rpc.id, result: rpc.method === 'common.server.version' ? '8.2' : null } };
    if (request.path !== `/${database}/rpc/`) return { status: 503, body: '<title>Service Unavailable</title>' };
    return answer(journal, rpc, (seen) => dispatch(rpc, request.headers['authorization'], seen));
  };
  return (request) => {
    const reply = respond(request);
    return { ...reply, headers: { ...dateHeader(clock), ...reply.headers } };
  };
}

function parse(request: SandboxRequest): Rpc | null {
  if (request.method !== 'POST') return null;
  try {
    const body = JSON.parse(request.body) as Partial<Rpc>;
    return typeof body.method === 'string' && Array.isArray(body.params)
      ? { id: body.id ?? 0, method: body.method, params: body.params as Value[] }
      : null;
  } catch {
    return null;
  }
}

/** Tryton's refusals are answers with status 200; only sessions, rights to methods and malformed requests have statuses. */
function answer(journal: Journal, rpc: Rpc, work: (seen: (user: string) => void) => Value): SandboxReply {
  let user: string | null = null;
  try {
    const result = work((login) => (user = login));
    journal.record(user, rpc.method, 'ok');
    return { status: 200, body: { id: rpc.id, result } };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    journal.record(user, rpc.method, error instanceof HttpRefusal ? String(error.status) : error.name);
    if (error instanceof HttpRefusal)
      return {
        status: error.status,
        body: error.message === '' ? '' : `<!doctype html>\n<title>${String(error.status)} ${error.message}</title>`,
      };
    return { status: 200, body: { id: rpc.id, error: errorArguments(error) } };
  }
}

function errorArguments(error: Error): unknown {
  if (error instanceof UserError) return ['UserError', [error.message, '', null]];
  if (error instanceof ConcurrencyException) return ['ConcurrencyException', error.message];
  return [error instanceof UnknownName ? `'${error.message}'` : error.message, ''];
}
