import type { Capabilities } from '../../contracts/adapter.ts';
import type { Connection } from '../../contracts/connection.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { SourcePort } from '../../contracts/source.ts';
import { plainRounding } from '../../domain/money/rounding.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import { changesSince, watermark } from './changes.ts';
import { openDatabase } from './database.ts';
import { triggerFreezer } from './freeze.ts';
import { grantFreezer } from './grants.ts';
import { handOver } from './hand-over.ts';
import { install, uninstall } from './install.ts';
import { fingerprint, inventory } from './inventory.ts';
import { probe } from './probe.ts';
import { schemasOf } from './relations.ts';
import { yieldedAccounts } from './accounts.ts';
import { accountIdentity, inWrittenForm } from './identity.ts';
import { countRows, doubledKeys, readKeys, readPage, type NamedQuery } from './read.ts';
import { reading } from './reading.ts';
import { tally } from './tally.ts';

/** A PostgreSQL legacy system, entered at `connection.values.url` as the runner's own user. Connects at the first call. */
export function createSql(plan: SqlSystem, connection: Connection): SourcePort {
  const database = openDatabase(connection, schemasOf(plan));
  const freezer = plan.freeze === 'triggers' ? triggerFreezer(database, plan) : grantFreezer(database, plan);
  const query = (name: string): NamedQuery => {
    const found = plan.queries[name];
    if (found !== undefined) return { ...found, name };
    throw new AdapterError(
      'notFound',
      `${connection.system}: the plan has no query ${name}; it has ${Object.keys(plan.queries).join(', ')}`,
      { system: connection.system, operation: 'read' },
    );
  };
  return {
    capabilities: capabilities(plan),
    probe: () => probe(database, plan),
    inventory: () => inventory(database, plan),
    tally: (asks) => tally(database, plan, asks),
    fingerprint: () => fingerprint(database, plan),
    read: async (name, page) => readPage(database, plan, query(name), page),
    written: (accounts) =>
      reading(database, 'accounts', plan, (run, catalog) => inWrittenForm(run, accountIdentity(catalog).kind, accounts)),
    count: async (name, accounts) => countRows(database, plan, query(name), accounts),
    accounts: async (name) => yieldedAccounts(database, plan, query(name)),
    doubles: async (names) => doubledKeys(database, plan, names.map(query)),
    get: async (name, keys) => readKeys(database, plan, query(name), keys),
    install: (order) => install(database, plan, order),
    uninstall: (order) => uninstall(database, order),
    handOver: (order) => handOver(database, plan, order),
    watermark: () => watermark(database),
    changesSince: async (from) => {
      if (plan.freeze === 'triggers') return changesSince(database, plan, from);
      throw new AdapterError(
        'unsupported',
        `${connection.system}: without triggers there is no change feed; compare all records of the accounts instead`,
        { system: connection.system, operation: 'changesSince' },
      );
    },
    freeze: (order) => freezer.freeze(order),
    extend: (fence, leaseMs) => freezer.extend(fence, leaseMs),
    seal: (accounts, fence) => freezer.seal(accounts, fence),
    unseal: (accounts, fence, leaseMs) => freezer.unseal(accounts, fence, leaseMs),
    thaw: (accounts, fence) => freezer.thaw(accounts, fence),
    freezeStates: (accounts) => freezer.states(accounts),
    dispose: () => database.dispose(),
  };
}

/** The adapter writes no business records, so it has no objects, no batches and no commit horizon. */
function capabilities(plan: SqlSystem): Capabilities {
  return {
    adapter: 'sql',
    objects: {},
    fence: 'none',
    commitHorizonMs: 0,
    readLagMs: 0,
    instantResolutionMs: 1,
    batchSize: 0,
    writesInFlight: 0,
    callsPerUndoBatch: 0,
    atomicBatch: true,
    rounding: typeof plan.rounding === 'string' ? plainRounding(plan.rounding) : plan.rounding,
    freeze:
      plan.freeze === 'triggers' ? { granularity: 'account', leaseEndedBy: 'system' } : { granularity: 'system', leaseEndedBy: 'person' },
  };
}
