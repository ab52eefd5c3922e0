import { envSchema, type Env } from '../../domain/plan/env.ts';
import { planSchema, type Plan } from '../../domain/plan/plan.ts';

const gate = { roles: ['finance', 'it'], limits: [{ metric: 'unexplained', max: 0 }], deadline: '1h', reminder: '10m', validity: '2h' };
const sheet = { source: 'ledger', cadence: 'each reconcile', logic: 'counted', owner: 'finance', exceptions: 'none', ruleVersion: 1 };

const plan = {
  name: 'sample',
  version: 1,
  systems: {
    legacy: {
      adapter: 'sql',
      rounding: 'halfUp',
      tables: { customers: { disposition: 'move', account: { column: 'customer_id' } }, orders: { disposition: 'move' } },
      statuses: { orders: { sql: 'status', values: { open: 'move', shipped: 'archive' } } },
      queries: {
        customers: { sql: 'select 1', key: 'key', account: 'account', tables: ['customers'] },
        orders: { sql: 'select 1', key: 'key', account: 'account', tables: ['orders'] },
        shippedOrders: { sql: 'select 1', key: 'key', account: null, tables: ['orders'] },
      },
    },
    erp: { adapter: 'tryton', company: 'Northwind', currency: 'USD' },
    crm: { adapter: 'salesforce', pointerField: 'Book__c', markerField: 'Marker__c' },
    vault: { adapter: 'archive' },
  },
  roles: { source: 'legacy', target: 'erp', crm: 'crm', archive: 'vault' },
  objects: [
    {
      name: 'customers',
      scope: 'account',
      mode: 'move',
      systemOfRecord: 'legacy',
      source: { system: 'legacy', query: 'customers' },
      target: { system: 'erp', object: 'party' },
      fields: { code: { from: 'key' }, name: { from: 'name', as: 'trimmed' }, active: { value: true } },
      match: [{ all: ['name'] }],
    },
    {
      name: 'accounts',
      scope: 'account',
      mode: 'match',
      systemOfRecord: 'crm',
      source: { system: 'legacy', query: 'customers' },
      target: { system: 'crm', object: 'account' },
      fields: { AccountNumber: { from: 'key' } },
      fallback: 'DEFAULT',
    },
    {
      name: 'orders',
      scope: 'account',
      mode: 'move',
      systemOfRecord: 'legacy',
      source: { system: 'legacy', query: 'orders' },
      target: { system: 'erp', object: 'sale' },
      fields: {
        party: { ref: 'customers', from: 'customer_id' },
        comment: { text: 'Order {key}' },
        lines: {
          each: 'lines',
          fields: {
            price: { discounted: { price: 'price', discount: 'discount', digits: 4 } },
            buyer: { ref: 'customers', from: 'buyer' },
          },
        },
      },
      parent: { object: 'customers', from: 'customer_id' },
      money: {
        net: { lines: 'lines', price: 'price', quantity: 'quantity', discount: 'discount' },
        freight: { column: 'freight', target: 'freight' },
      },
      currency: { value: 'EUR' },
      activate: true,
    },
  ],
  archive: [{ object: 'orders', query: 'shippedOrders' }],
  pointer: { object: 'accounts', to: 'customers' },
  canaries: [
    { object: 'canaryParty', system: 'erp', target: 'party', fields: { code: { from: 'key' } } },
    { object: 'canarySale', system: 'erp', target: 'sale', fields: { party: { ref: 'canaryParty', from: 'key' } } },
  ],
  canaryPrefix: 'CANARY-',
  pilot: { name: 'pilot', accounts: ['ALFKI', 'ERNSH'] },
  waves: [
    { name: 'east', accounts: ['SIMOB', 'RICSU'] },
    { name: 'west', accounts: ['BONAP'] },
  ],
  metrics: { unexplained: sheet, expectationsUnmet: sheet, writeErrorRate: { ...sheet, owner: 'it' } },
  guards: [
    {
      name: 'writeErrors',
      metric: 'writeErrorRate',
      kind: 'rate',
      limit: 0.02,
      minimumSample: 50,
      exactCount: 3,
      window: '1h',
      stages: ['loading'],
      answer: { beforeSwitch: 'rollback', afterSwitch: 'pause' },
      owner: 'it',
    },
  ],
  gates: {
    baseline: gate,
    switch: { ...gate, limits: [...gate.limits, { metric: 'expectationsUnmet', max: 0 }] },
    retry: gate,
    close: gate,
  },
  freeze: { contact: 'the service desk', reason: 'move to the new ERP' },
  rollback: { minutesPerHundredEffects: 2, pointsOfNoReturn: ['a confirmed sale'] },
  expectations: [{ object: 'customers', key: 'ALFKI', outcome: 'created', why: 'it is new' }],
};

const env = {
  name: 'rehearsal',
  version: 1,
  mode: 'rehearsal',
  systems: {
    legacy: { url: { env: 'LEGACY_URL' } },
    erp: { url: { env: 'ERP_URL' }, database: { env: 'ERP_DATABASE' }, user: { env: 'ERP_USER' }, password: { env: 'ERP_PASSWORD' } },
    crm: { loginUrl: { env: 'CRM_URL' }, clientId: { env: 'CRM_CLIENT' }, clientSecret: { env: 'CRM_SECRET' } },
    vault: { folder: { env: 'ARCHIVE' } },
  },
  people: [
    { id: 'ada', roles: ['finance'], deputy: 'eve' },
    { id: 'bo', roles: ['it'] },
    { id: 'eve', roles: ['revOps'] },
  ],
  timings: {
    soak: '1s',
    parallelRun: '1s',
    hypercare: '1s',
    reconcileEvery: '1s',
    guardEvery: '1s',
    lease: '2h',
    quietWithin: '1s',
    actWithin: '1s',
    callTimeout: '1s',
  },
};

/** A small plan without a problem, as it is written, changed by `change` and then read. */
export function samplePlan(change: (raw: typeof plan) => unknown = () => null): Plan {
  const raw = structuredClone(plan);
  change(raw);
  return planSchema.parse(raw);
}

/** An environment that fits the sample plan, as it is written, changed by `change` and then read. */
export function sampleEnv(change: (raw: typeof env) => unknown = () => null): Env {
  const raw = structuredClone(env);
  change(raw);
  return envSchema.parse(raw);
}
