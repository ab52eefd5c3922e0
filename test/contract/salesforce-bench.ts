import { randomUUID } from 'node:crypto';
import { createSalesforce } from '../../adapters/salesforce/salesforce.ts';
import type { TargetPort } from '../../contracts/adapter.ts';
import { salesforceSystemSchema } from '../../domain/plan/systems.ts';
import { startChildServer } from '../../scripts/dev/child-server.ts';
import { freePort } from '../../scripts/dev/ports.ts';
import type { TargetBench, TargetSamples, Visitor } from './target-suite.ts';

export const crmPlan = salesforceSystemSchema.parse({
  adapter: 'salesforce',
  pointerField: 'BookOfRecord__c',
  markerField: 'CutoverEffect__c',
});

export interface SalesforceBench extends TargetBench {
  readonly url: string;
  readonly secrets: Readonly<Record<'admin' | 'cutover' | 'sales', string>>;
  /** The port of a connection with other values. */
  port(values: Readonly<Record<string, string>>): TargetPort;
  /** The answer of a control endpoint of the sandbox. */
  control(path: string): Promise<unknown>;
}

/** A Salesforce sandbox with a fault proxy in front; `environment` as sandbox/salesforce/main.ts reads it. */
export async function salesforceBench(environment: Readonly<Record<string, string>> = {}): Promise<SalesforceBench> {
  const secrets = { admin: randomUUID(), cutover: randomUUID(), sales: randomUUID() };
  const sandbox = await startChildServer('sandbox/salesforce/main.ts', {
    SALESFORCE_SANDBOX_ADMIN_SECRET: secrets.admin,
    SALESFORCE_SANDBOX_CUTOVER_SECRET: secrets.cutover,
    SALESFORCE_SANDBOX_SALES_SECRET: secrets.sales,
    ...environment,
  });
  const url = sandbox.ready['url'] ?? '';
  const proxy = await startChildServer('sandbox/fault-proxy/main.ts', { FAULT_PROXY_TARGET: url });
  const ways = { direct: url, proxy: proxy.ready['url'] ?? '', nowhere: `http://127.0.0.1:${String(await freePort())}` };
  const logins: Readonly<Record<Visitor, readonly [string, string]>> = {
    runner: ['cutover', secrets.cutover],
    person: ['sales', secrets.sales],
    administrator: ['admin', secrets.admin],
    stranger: ['cutover', 'wrong-secret'],
  };
  const port = (values: Readonly<Record<string, string>>): TargetPort =>
    createSalesforce(crmPlan, { system: 'crm', callTimeoutMs: 10_000, values });
  return {
    url,
    secrets,
    port,
    connect: (as, through = 'direct') => {
      const [clientId, clientSecret] = logins[as];
      return port({ loginUrl: ways[through], instanceUrl: ways[through], clientId, clientSecret });
    },
    fault: async (rule) => {
      const reply = await fetch(
        `${proxy.ready['control'] ?? ''}/_proxy/rules`,
        rule === null ? { method: 'DELETE' } : { method: 'POST', body: JSON.stringify(rule) },
      );
      if (!reply.ok) throw new Error(await reply.text());
    },
    control: async (path) => (await fetch(`${url}/_sandbox/${path}`)).json(),
    stop: async () => {
      await Promise.all([proxy.stop(), sandbox.stop()]);
    },
  };
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
