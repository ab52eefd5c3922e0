import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Quota, Sizes } from '../sizes.ts';
import { fieldNames, keyField } from '../accounts.ts';
import { mailHost, type Kind } from '../kinds.ts';
import { columnOf, customers } from './source.ts';

/** The object whose load is measured, or begins it. */
const measuredObject = 'company';

const sheet = { source: 'the ledger', cadence: 'each look', logic: 'counted', owner: 'it', exceptions: 'none', ruleVersion: 1 };
const gate = { roles: ['it'], limits: [{ metric: 'unexplained', max: 0 }], reminder: '1h', validity: '7d' };

/** The people of the companies, as leads, each with the id of its company's account. */
const contactObject = 'contact';
const contactQuery = {
  ...{ key: 'key', account: null, tables: ['contacts'] },
  sql: 'select key, company, last_name, company_name, phone from contacts',
};
const contact = {
  ...{ name: contactObject, scope: 'shared', mode: 'move', systemOfRecord: 'legacy' },
  ...{ source: { system: 'legacy', query: 'contacts' }, target: { system: 'crm', object: 'lead' } },
  fields: {
    Email: { text: `{key}${mailHost}` },
    LastName: { from: 'last_name' },
    Company: { from: 'company_name' },
    Phone: { from: 'phone' },
    Description: { ref: measuredObject, from: 'company' },
  },
};

type PlanSizes = Pick<Sizes, 'quota' | 'trouble'>;

/** The objects that a round loads: the first and the last. */
export function loadedObjects({ trouble }: Pick<Sizes, 'trouble'>): readonly [first: string, last: string] {
  return [measuredObject, trouble === null ? measuredObject : contactObject];
}

/**
 * A plan in which the companies are the only records before the first gate. They belong to no single customer, so that they load as one wave; a
 * plan must also have customers, and those wait behind the gate.
 */
function plan(kind: Kind, { quota, trouble }: PlanSizes): unknown {
  const columns = fieldNames.map(columnOf).join(', ');
  return {
    name: 'bench',
    version: 1,
    roles: { source: 'legacy', target: 'erp', crm: 'crm', archive: 'archive' },
    systems: {
      legacy: {
        adapter: 'sql',
        rounding: 'halfUp',
        tables: {
          companies: { disposition: 'move' },
          ...(trouble === null ? {} : { contacts: { disposition: 'move' } }),
          customers: { disposition: 'move', account: { column: 'key' } },
        },
        queries: {
          companies: { key: 'key', account: null, tables: ['companies'], sql: `select key, ${columns} from companies` },
          ...(trouble === null ? {} : { contacts: contactQuery }),
          customers: { key: 'key', account: 'account', tables: ['customers'], sql: 'select key, key as account, name from customers' },
        },
      },
      erp: { adapter: 'tryton', company: 'Bench', currency: 'USD' },
      crm: {
        adapter: 'salesforce',
        pointerField: 'BookOfRecord__c',
        markerField: 'CutoverEffect__c',
        keyField,
        bulkFrom: null,
        ...budgetOf(quota),
      },
      archive: { adapter: 'archive' },
    },
    objects: [
      {
        ...{ name: measuredObject, scope: 'shared', mode: 'move', systemOfRecord: 'legacy' },
        ...{ source: { system: 'legacy', query: 'companies' }, target: { system: 'crm', object: kind.object } },
        fields: Object.fromEntries(fieldNames.map((field) => [kind.nameOf(field), ruleOf(kind, field)])),
      },
      ...(trouble === null ? [] : [contact]),
      {
        ...{ name: 'crmAccount', scope: 'account', mode: 'match', systemOfRecord: 'crm' },
        ...{ source: { system: 'legacy', query: 'customers' }, target: { system: 'crm', object: 'account' } },
        fields: { [keyField]: { from: 'key' } },
      },
      {
        ...{ name: 'customer', scope: 'account', mode: 'move', systemOfRecord: 'legacy' },
        ...{ source: { system: 'legacy', query: 'customers' }, target: { system: 'erp', object: 'party' } },
        fields: { code: { from: 'key' }, name: { from: 'name', as: 'trimmed' } },
      },
    ],
    pointer: { object: 'crmAccount', to: 'customer' },
    canaryPrefix: 'CANARY-',
    canaries: [
      {
        ...{ object: 'lead', system: 'crm', target: 'lead' },
        fields: { LastName: { from: 'canary_key' }, Company: { value: 'Canary' }, Email: { text: '{canary_key}@canary.invalid' } },
        change: { Company: 'Canary changed' },
      },
    ],
    pilot: { name: 'pilot', accounts: customers.pilot },
    waves: [{ name: 'wave1', accounts: customers.wave }],
    metrics: { unexplained: sheet, writeErrorRate: sheet },
    guards: [
      {
        ...{
          name: 'write-errors',
          metric: 'writeErrorRate',
          kind: 'rate',
          limit: 0.02,
          minimumSample: 50,
          exactCount: 3,
          window: '1h',
          owner: 'it',
        },
        ...{ stages: ['loading'], answer: { beforeSwitch: 'pause', afterSwitch: 'pause' } },
      },
    ],
    gates: { baseline: gate, switch: { ...gate, deadline: '20m' }, retry: gate, close: gate },
    freeze: { reason: 'a bench', contact: 'nobody' },
    rollback: { minutesPerHundredEffects: 1, pointsOfNoReturn: [] },
  };
}

/** What the plan says of the target's limit. */
function budgetOf(quota: Quota | null): Readonly<Record<string, unknown>> {
  return quota === null ? {} : { budget: { windows: [{ calls: quota.calls, per: `${String(quota.perMs / 1_000)}s` }] } };
}

/** A lead's key is an e-mail address. */
function ruleOf(kind: Kind, field: (typeof fieldNames)[number]): unknown {
  if (kind.type === 'Lead' && field === keyField) return { text: `{${columnOf(field)}}${mailHost}` };
  return { from: columnOf(field), as: 'trimmed' };
}

/** Half a minute is long where an answer that does not come is waited for: far more than the slowest one takes. */
const troubledTimeout = '5s';

function env({ trouble }: PlanSizes): unknown {
  const from = (name: string): { readonly env: string } => ({ env: `CUTOVER_${name}` });
  return {
    name: 'bench',
    version: 1,
    mode: 'rehearsal',
    systems: {
      legacy: { url: from('LEGACY_URL') },
      erp: { url: from('ERP_URL'), database: from('ERP_DATABASE'), user: from('ERP_USER'), password: from('ERP_PASSWORD') },
      crm: {
        loginUrl: from('CRM_URL'),
        clientId: from('CRM_CLIENT_ID'),
        clientSecret: from('CRM_CLIENT_SECRET'),
        commitHorizonMs: from('CRM_COMMIT_HORIZON_MS'),
        callsInFlight: from('CRM_CALLS_IN_FLIGHT'),
      },
      archive: { folder: from('ARCHIVE') },
    },
    people: [{ id: 'it', roles: ['it'] }],
    timings: {
      ...{ soak: '1s', parallelRun: '1s', hypercare: '1s', reconcileEvery: '1m', guardEvery: '5s' },
      ...{ lease: '1h', quietWithin: '1m', actWithin: '1m', callTimeout: trouble === null ? '30s' : troubledTimeout, retryPause: '1s' },
    },
  };
}

/** Writes the plan and its env into a folder; returns both paths. */
export async function writePlan(
  folder: string,
  kind: Kind,
  sizes: PlanSizes,
): Promise<{ readonly planFile: string; readonly envFile: string }> {
  const [planFile, envFile] = [join(folder, 'plan.yaml'), join(folder, 'env.yaml')];
  await writeFile(planFile, stringify(plan(kind, sizes)));
  await writeFile(envFile, stringify(env(sizes)));
  return { planFile, envFile };
}
