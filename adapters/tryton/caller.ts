import type { CallName } from './answers.ts';
import { OwnRefusal } from './answers.ts';
import type { Login, Rpc, Sending } from './rpc.ts';
import type { Json, JsonObject } from './values.ts';
import { idsIn, numberIn, objectIn, rowsIn } from './shapes.ts';
import { isObject } from './values.ts';

/** A search domain in Tryton's own form: a list of `[field, operator, value]` clauses that must all hold. */
export type Domain = readonly Json[];

/** Lets inactive records be found: Tryton hides them unless the domain speaks of `active`. */
export const anyActivity: Domain = [['active', 'in', [true, false]]];

/**
 * One of the clauses, for a domain that `anyActivity` is part of: Tryton hides inactive records in a list that begins with `OR` unless a
 * clause right in it speaks of `active`, so it gets one that no record satisfies.
 */
export function oneOf(...clauses: readonly Json[]): Json {
  return ['OR', ...clauses, ['active', 'in', []]];
}

/** Read calls as one user. All reject with AdapterError. */
export interface Reader {
  readonly userId: number;
  /** With a `limit` the first so many by id. */
  search(model: string, domain: Domain, fields: readonly string[], limit?: number): Promise<readonly JsonObject[]>;
  /** Ids in their order, of inactive records too, and where a part that is inactive satisfies the domain. */
  ids(model: string, domain: Domain, limit: number): Promise<readonly number[]>;
  count(model: string, domain: Domain): Promise<number>;
  /** Calls any method that changes nothing and answers an object. */
  table(method: string, args: readonly Json[]): Promise<JsonObject>;
  /** Calls any other method that changes nothing; `more` is added to the context. */
  ask(method: string, args: readonly Json[], more?: JsonObject): Promise<Json>;
}

/** Calls of one `write`: reads, and writes that remember whether anything was applied. */
export interface Writer extends Reader {
  /** Calls a method that changes records; `stamps` (as `Stamps` texts) make it conditional. */
  change(method: string, args: readonly Json[], stamps?: readonly (string | null)[]): Promise<Json>;
  /** Creates records and returns their ids in order. */
  create(model: string, values: readonly JsonObject[]): Promise<readonly number[]>;
  /** True once any change of this `write` was answered with success. */
  applied(): boolean;
}

/**
 * For reads: a language that no text is translated to ("no linguistic content" in ISO 639). Tryton keeps translated texts, names of
 * products among them, in a cache that its processes bring into line only every 300 s (`[cache] clean_timeout`), so that one answers
 * what another has already changed; without a translation it answers the stored text.
 */
export function readingContext(context: JsonObject, more: JsonObject = {}): JsonObject {
  return { ...context, language: 'zxx', ...more };
}

/** For changes: English, in which refusals can be told apart. */
function changingContext(context: JsonObject, stamps: readonly (string | null)[]): JsonObject {
  return { ...context, language: 'en', ...condition(stamps) };
}

export function createReader(system: string, call: Reader['ask'], userId: number): Reader {
  const named = (operation: string): CallName => ({ system, operation, writes: false });
  return {
    userId,
    search: async (model, domain, fields, limit) => {
      const method = `model.${model}.search_read`;
      return rowsIn(
        await call(method, [domain, 0, limit ?? null, limit === undefined ? null : [['id', 'ASC']], fields]),
        fields,
        named(method),
      );
    },
    ids: async (model, domain, limit) => {
      const method = `model.${model}.search`;
      return idsIn(await call(method, [domain, 0, limit, [['id', 'ASC']]], { active_test: false }), named(method));
    },
    count: async (model, domain) => {
      const method = `model.${model}.search_count`;
      return numberIn(await call(method, [domain]), named(method));
    },
    table: async (method, args) => objectIn(await call(method, args), named(method)),
    ask: call,
  };
}

/** What the caller's own `beforeSend` threw: the call was not sent. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/** Calls of one session for one `write`. `beforeSend` runs before each change; what it throws comes out as `NotSent` with its cause. */
export function createWriter(
  rpc: Rpc,
  login: Login,
  context: JsonObject,
  sending: { readonly signal: AbortSignal; readonly beforeSend: () => void },
): Writer {
  let applied = false;
  const reading: Sending = { writes: false, signal: sending.signal };
  const changing: Sending = {
    writes: true,
    signal: sending.signal,
    beforeSend: () => {
      guarded(sending.beforeSend);
    },
  };
  const change: Writer['change'] = async (method, args, stamps = []) => {
    const result = await rpc.call(login, method, [...args, changingContext(context, stamps)], changing);
    applied = true;
    return result;
  };
  return {
    ...createReader(
      rpc.system,
      (method, args, more) => rpc.call(login, method, [...args, readingContext(context, more)], reading),
      login.userId,
    ),
    change,
    create: async (model, values) => {
      const method = `model.${model}.create`;
      return idsIn(await change(method, [values]), { system: rpc.system, operation: method, writes: true }, values.length);
    },
    applied: () => applied,
  };
}

function guarded(beforeSend: () => void): void {
  try {
    beforeSend();
  } catch (error) {
    throw new NotSent('the call was not sent', { cause: error });
  }
}

/** Stamps of a record and of its children, by `model,id`, as one text; Tryton checks each of them when that very record is written or deleted. */
export function stampText(stamps: Readonly<Record<string, string>>): string {
  return JSON.stringify(stamps);
}

function condition(stamps: readonly (string | null)[]): JsonObject {
  const merged: Record<string, Json> = {};
  for (const stamp of stamps) if (stamp !== null) Object.assign(merged, stampsOf(stamp));
  return Object.keys(merged).length === 0 ? {} : { _timestamp: merged };
}

function stampsOf(stamp: string): JsonObject {
  try {
    const stamps = JSON.parse(stamp) as Json;
    if (isObject(stamps)) return stamps;
  } catch {
    // Told below, as any other text that is no stamp.
  }
  throw new OwnRefusal('invalidData', 'this is not the stamp of a Tryton record; read the record again');
}
