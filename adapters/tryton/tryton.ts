import { matchesAtMost, type Capabilities, type Session, type TargetPort, type TargetRecord } from '../../contracts/adapter.ts';
import type { Connection } from '../../contracts/connection.ts';
import type { Fields } from '../../contracts/fields.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { TrytonSystem } from '../../domain/plan/systems.ts';
import { commitHorizonMs } from '../commit-horizon.ts';
import { namedIn, OwnRefusal } from './answers.ts';
import { oneOf, type Domain } from './caller.ts';
import { changesOf, touchedAmong } from './changes.ts';
import { faultsOf } from './check.ts';
import { withLengths } from './lengths.ts';
import { createLookups } from './lookups.ts';
import { fingerprint } from './fingerprint.ts';
import type { TrytonObject } from './object.ts';
import { party } from './party.ts';
import { probeTryton } from './probe.ts';
import { product } from './product.ts';
import type { ReadSession } from './read-session.ts';
import { createReadSession } from './read-session.ts';
import { paymentTerm, tax } from './reference.ts';
import { createRpc, loginOf } from './rpc.ts';
import { sale } from './sale.ts';
import { openWriteSession } from './write-session.ts';
import { plainText } from './values.ts';

const objects: Readonly<Record<string, TrytonObject>> = { party, product, sale, tax, paymentTerm };

/** How long gunicorn, Tryton's usual server, lets a worker go on with one request (`--timeout 300`, ms); nothing commits later. */
const gunicornTimeoutMs = 300_000;
/** Rows of one write: a party costs 10 ms in a batch of 100, a sale of three lines 100 ms. */
const batchSize = 100;
/** Ids or keys of one search, and records of one page of a search by other fields. */
const searchSize = 500;

/**
 * Tryton 8.2 over JSON-RPC. `connection.values`: `url`, `database`, `user`, `password`, and optionally `commitHorizonMs` where the
 * server's own limit on a request is known to be another than gunicorn's 300 s.
 */
export function createTryton(plan: TrytonSystem, connection: Connection): TargetPort {
  const { system, values } = connection;
  const rpc = createRpc(connection);
  const reading = createReadSession(rpc);
  const lookups = createLookups(plan);
  const named = (name: string): TrytonObject => objectOf(system, name);
  return {
    capabilities: capabilitiesOf(commitHorizonMs(connection, gunicornTimeoutMs), plan),
    probe: async () => {
      // What Tryton holds of the user may have been set right since the session began.
      await reading.end();
      const version = await rpc.version();
      return probeTryton(await reading.reader(), {
        plan,
        system,
        version,
        database: values['database'] ?? '',
        ...(await reading.opened()),
      });
    },
    now: () => rpc.now(),
    describe: async (name) => withLengths(await reading.reader(), name, named(name).shape),
    fingerprint: async (names) =>
      fingerprint(
        await reading.reader(),
        names.map((name) => named(name).model),
        (await reading.opened()).context,
      ),
    check: async (name, records) => {
      named(name);
      const faults = await faultsOf(await reading.reader(), lookups, name, records);
      return faults.map((fault) => ({ ...fault, cause: namedIn(system, fault.cause) }));
    },
    get: (name, ids) => getByIds(reading, named(name), ids),
    findByKey: async (name, keys) => {
      const object = named(name);
      // Tryton keeps no blanks around a text (`strip` of its fields), so a record is told for every key it answers to.
      const asked = Map.groupBy(new Set(keys), (key) => key.trim());
      const wanted = [...asked.keys()].filter((key) => key !== '');
      const found = await inChunks(wanted, (chunk) => search(reading, object, [object.keyClause(chunk)]));
      return found.flatMap((record) => {
        const key = plainText(record.fields[object.capability.keyField]);
        return (asked.get(key) ?? [key]).map((told) => ({ ...record, key: told }));
      });
    },
    findByFields: (name, criteria) => findByFields(system, reading, named(name), criteria),
    changesSince: async function* (names, since) {
      for (const name of names) yield* changesOf(await reading.reader(), name, named(name), since);
    },
    touched: async (name, ids, since) => {
      const object = named(name);
      const found = await inChunks(numbersOf(ids), async (chunk) => touchedAmong(await reading.reader(), object, chunk, since));
      return found.map(String);
    },
    count: async (name) => (await reading.reader()).count(named(name).model, named(name).always),
    usage: () => Promise.resolve({ used: rpc.sent(), limit: null }),
    open: async (): Promise<Session> => openWriteSession({ rpc, lookups, context: (await reading.opened()).context, named, batchSize }),
    endSession: (handle) => rpc.logout(loginOf(handle, system)),
    dispose: () => reading.end(),
  };
}

function capabilitiesOf(horizonMs: number, { taxRounding }: TrytonSystem): Capabilities {
  return {
    adapter: 'tryton',
    objects: Object.fromEntries(Object.entries(objects).map(([name, object]) => [name, object.capability])),
    fence: 'session',
    commitHorizonMs: horizonMs,
    readLagMs: 0,
    // Instants have microseconds; the adapter cuts them to milliseconds.
    instantResolutionMs: 1,
    batchSize,
    // Two transactions of one user that number documents of one sequence wait for each other, or fail.
    writesInFlight: 1,
    // At most of sales whose quotations are changed back: read, who worked on it, read, draft, read, addresses and units, read, write, quote, read; and the
    // search, with its clock.
    callsPerUndoBatch: 13,
    atomicBatch: true,
    rounding: {
      lines: { mode: 'halfEven', digits: null, per: 'line' },
      // `_get_taxes` of Tryton's module account: on what the lines were before rounding, lines below zero apart from the others.
      taxes: { mode: 'halfEven', digits: null, per: taxRounding === 'line' ? 'line' : 'rate', base: 'exact', creditsApart: true },
    },
    freeze: null,
  };
}

function objectOf(system: string, name: string): TrytonObject {
  const object = objects[name];
  if (object) return object;
  throw new AdapterError('unsupported', `${system}: this adapter has no object "${name}"; it has ${Object.keys(objects).join(', ')}.`, {
    system,
    operation: 'describe',
  });
}

async function search(reading: ReadSession, object: TrytonObject, domain: Domain, limit?: number): Promise<readonly TargetRecord[]> {
  const reader = await reading.reader();
  const rows = await reader.search(object.model, [...domain, ...object.always], object.reads, limit);
  return rows.map((row) => object.toRecord(row, reader.userId));
}

async function getByIds(reading: ReadSession, object: TrytonObject, ids: readonly string[]): Promise<readonly TargetRecord[]> {
  const found = await inChunks(numbersOf(ids), (chunk) => search(reading, object, [['id', 'in', chunk]]));
  const byId = new Map(found.map((record) => [record.id, record]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** What is no id of Tryton names no record. */
function numbersOf(ids: readonly string[]): readonly number[] {
  return ids.map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
}

/** The searches of one call; what it finds is compared exactly with each. */
const searchesTogether = 50;

async function findByFields(
  system: string,
  reading: ReadSession,
  object: TrytonObject,
  criteria: readonly Fields[],
): Promise<readonly (readonly TargetRecord[])[]> {
  const found = new Map<Fields, readonly TargetRecord[]>();
  const searched = criteria.filter(hasValues).map((one) => ({ one, domain: domainOf(system, object, one) }));
  for (let start = 0; start < searched.length; start += searchesTogether) {
    const some = searched.slice(start, start + searchesTogether);
    const domains = some.map(({ domain }) => [...domain, ...object.always]);
    const candidates = await search(reading, object, object.always.length === 0 ? ['OR', ...domains] : [oneOf(...domains)], searchSize);
    // Where there are more than were read, each is searched for by itself.
    const isAll = candidates.length < searchSize;
    for (const { one, domain } of some) {
      const own = isAll ? candidates.filter((record) => object.matches(record, one)) : await matchesOf(reading, object, domain, one);
      found.set(one, own.slice(0, matchesAtMost));
    }
  }
  return criteria.map((one) => found.get(one) ?? []);
}

/** Records that equal the criteria, read page by page to the end of the loose search: more than enough of them end it, because then they are ambiguous. */
async function matchesOf(reading: ReadSession, object: TrytonObject, domain: Domain, criteria: Fields): Promise<readonly TargetRecord[]> {
  const found: TargetRecord[] = [];
  for (let after = 0; ;) {
    const page = await search(reading, object, [...domain, ['id', '>', after]], searchSize);
    found.push(...page.filter((record) => object.matches(record, criteria)));
    if (page.length < searchSize || found.length >= matchesAtMost) return found;
    after = Number(page.at(-1)?.id);
  }
}

/** Two records without a phone number are not alike for that. */
function hasValues(criteria: Fields): boolean {
  const values = Object.values(criteria);
  return values.length > 0 && !values.some((value) => value === null || (typeof value === 'string' && value.trim() === ''));
}

function domainOf(system: string, object: TrytonObject, criteria: Fields): Domain {
  try {
    return object.criteriaDomain(criteria);
  } catch (error) {
    throw error instanceof OwnRefusal ? error.named(system) : error;
  }
}

async function inChunks<Item, Result>(
  items: readonly Item[],
  read: (chunk: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += searchSize) results.push(...(await read(items.slice(start, start + searchSize))));
  return results;
}
