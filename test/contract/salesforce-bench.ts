import { randomUUID } from 'node:crypto';
import { createSalesforce } from '../../adapters/salesforce/salesforce.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import type { SalesforceSystem } from '../../domain/plan/systems.ts';
import { salesforceSystemSchema } from '../../domain/plan/systems.ts';
import type { SalesforceSeed } from '../../sandbox/salesforce/seed-data.ts';
import { startChildServer } from '../../scripts/dev/child-server.ts';
import { freePort } from '../../scripts/dev/ports.ts';
import { faultsOf } from './faults-of.ts';
import type { TargetBench, TargetSamples, Visitor } from './target-suite.ts';

export const crmPlan = salesforceSystemSchema.parse({
  adapter: 'salesforce',
  pointerField: 'BookOfRecord__c',
  markerField: 'CutoverEffect__c',
});

export interface SalesforceBench extends TargetBench {
  readonly url: string;
  /** Where it is entered: past the fault proxy, through it, and where nobody answers. */
  readonly ways: Readonly<Record<'direct' | 'proxy' | 'nowhere', string>>;
  readonly secrets: Readonly<Record<'admin' | 'cutover' | 'sales', string>>;
  /** The port of a connection with other values, or to an organization with another plan. */
  port(values: Readonly<Record<string, string>>, plan?: SalesforceSystem): TargetPort;
  /** The answer of a control endpoint of the sandbox. */
  control(path: string): Promise<unknown>;
  /** Adds records and settings to the sandbox while it runs. */
  seed(seed: SalesforceSeed): Promise<void>;
}

/** Client ids of the connected apps, and names of the users they work as. */
export const clients = { admin: 'app-of-the-administrator', cutover: 'app-of-the-runner', sales: 'app-of-a-person' } as const;

/** A Salesforce sandbox with a fault proxy in front; `publicKey` (PEM) lets the runner's app sign its claims. */
export async function salesforceBench(seed: SalesforceSeed = {}, publicKey?: string): Promise<SalesforceBench> {
  const secrets = { admin: randomUUID(), cutover: randomUUID(), sales: randomUUID() };
  const sandbox = await startChildServer('sandbox/salesforce/main.ts', {
    SALESFORCE_SANDBOX_CLIENT_ID: clients.cutover,
    SALESFORCE_SANDBOX_CLIENT_SECRET: secrets.cutover,
    SALESFORCE_SANDBOX_SALES_CLIENT_ID: clients.sales,
    SALESFORCE_SANDBOX_SALES_CLIENT_SECRET: secrets.sales,
    SALESFORCE_SANDBOX_ADMIN_CLIENT_ID: clients.admin,
    SALESFORCE_SANDBOX_ADMIN_CLIENT_SECRET: secrets.admin,
    ...(publicKey === undefined ? {} : { SALESFORCE_SANDBOX_PUBLIC_KEY: publicKey }),
  });
  const url = sandbox.ready['url'] ?? '';
  const proxy = await startChildServer('sandbox/fault-proxy/main.ts', { FAULT_PROXY_TARGET: url });
  const ways = { direct: url, proxy: proxy.ready['url'] ?? '', nowhere: `http://127.0.0.1:${String(await freePort())}` };
  const logins: Readonly<Record<Visitor, readonly [string, string]>> = {
    runner: [clients.cutover, secrets.cutover],
    person: [clients.sales, secrets.sales],
    administrator: [clients.admin, secrets.admin],
    stranger: [clients.cutover, 'wrong-secret'],
  };
  const port: SalesforceBench['port'] = (values, plan = crmPlan) =>
    createSalesforce(plan, { system: 'crm', callTimeoutMs: 30_000, values });
  const send = async (address: string, init?: RequestInit): Promise<Response> => {
    const reply = await fetch(address, init);
    if (!reply.ok) throw new Error(await reply.text());
    return reply;
  };
  const bench: SalesforceBench = {
    url,
    ways,
    secrets,
    port,
    connect: (as, through = 'direct') => {
      const [clientId, clientSecret] = logins[as];
      return port({ loginUrl: ways[through], clientId, clientSecret });
    },
    ...faultsOf(proxy.ready['control'] ?? ''),
    control: async (path) => (await send(`${url}/_sandbox/${path}`)).json(),
    seed: async (data) => {
      await send(`${url}/_sandbox/seed`, { method: 'POST', body: JSON.stringify(data) });
    },
    stop: async () => {
      await Promise.all([proxy.stop(), sandbox.stop()]);
    },
  };
  await bench.seed(seed);
  return bench;
}

const newKey = (): string => `CANARY-${randomUUID().slice(0, 13)}`;

export const accountSamples: TargetSamples = {
  object: 'account',
  newKey,
  record: (key) => ({
    Name: `Alfreds Futterkiste ${key}`,
    AccountNumber: key,
    Phone: '030-0074321',
    BillingPostalCode: '12209',
    BillingCity: 'Berlin',
  }),
  ourChange: { BookOfRecord__c: 'erp:42' },
  personChange: { Phone: '030-1' },
  criteria: ({ Name, BillingPostalCode }) => ({
    Name: ` ${(Name as string).toUpperCase()} `,
    BillingPostalCode: ` ${BillingPostalCode as string}`,
  }),
  createCall: { method: 'POST', bodyIncludes: '"type":"Account"' },
  takenBackBy: ['delete'],
};
