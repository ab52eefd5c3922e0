import { randomUUID } from 'node:crypto';
import { createTryton } from '../../adapters/tryton/tryton.ts';
import type { ChildServer } from '../../scripts/dev/child-server.ts';
import { startChildServer } from '../../scripts/dev/child-server.ts';
import { freePort } from '../../scripts/dev/ports.ts';
import { faultsOf } from './faults-of.ts';
import type { TargetBench, TargetSamples, Visitor } from './target-suite.ts';
import { textOf } from './target-suite.ts';

export const companyName = 'Northwind Traders';

/** A Tryton that is up, real or not, with the passwords of its users. */
export interface RunningTryton {
  readonly url: string;
  readonly database: string;
  readonly passwords: Readonly<Record<'admin' | 'cutover' | 'sales', string>>;
  stop(): Promise<void>;
}

/** Puts a fault proxy in front of a Tryton; `more` are connection values beside address and login. */
export async function trytonBench(system: RunningTryton, more: Readonly<Record<string, string>> = {}): Promise<TargetBench> {
  const proxy = await startChildServer('sandbox/fault-proxy/main.ts', { FAULT_PROXY_TARGET: system.url });
  const nowhere = `http://127.0.0.1:${String(await freePort())}`;
  const logins: Readonly<Record<Visitor, readonly [string, string]>> = {
    runner: ['cutover', system.passwords.cutover],
    person: ['sales', system.passwords.sales],
    administrator: ['admin', system.passwords.admin],
    stranger: ['nobody', 'wrong-password'],
  };
  return {
    connect: (as, through = 'direct') => {
      const [user, password] = logins[as];
      const url = through === 'direct' ? system.url : through === 'proxy' ? (proxy.ready['url'] ?? '') : nowhere;
      return createTryton(
        { adapter: 'tryton', company: companyName, currency: 'USD' },
        { system: 'erp', callTimeoutMs: 30_000, values: { ...more, url, database: system.database, user, password } },
      );
    },
    ...faultsOf(proxy.ready['control'] ?? ''),
    stop: async () => {
      await proxy.stop();
      await system.stop();
    },
  };
}

/** The stand-in, seeded with what finance sets up. */
export async function startSandboxTryton(): Promise<RunningTryton> {
  const passwords = { admin: randomUUID(), cutover: randomUUID(), sales: randomUUID() };
  const child: ChildServer = await startChildServer('sandbox/tryton/main.ts', {
    TRYTON_SANDBOX_ADMIN_PASSWORD: passwords.admin,
    TRYTON_SANDBOX_CUTOVER_PASSWORD: passwords.cutover,
    TRYTON_SANDBOX_SALES_PASSWORD: passwords.sales,
  });
  const url = child.ready['url'] ?? '';
  const seed = {
    taxes: [{ name: 'Sales tax 10%', rate: '0.10' }],
    paymentTerms: [{ name: 'Net 30' }],
    products: [{ code: 'FREIGHT', name: 'Freight', kind: 'service' }],
  };
  await fetch(`${url}/_sandbox/seed`, { method: 'POST', body: JSON.stringify(seed) });
  return { url, database: child.ready['database'] ?? '', passwords, stop: () => child.stop() };
}

const newKey = (): string => `C-${randomUUID().slice(0, 13)}`;

export const partySamples: TargetSamples = {
  object: 'party',
  newKey,
  record: (key) => ({
    ...{ code: key, name: `Alfreds ${key}`, contactPerson: 'Maria Anders', phone: `030-${key}-0074321`, fax: '030-0076545' },
    addresses: [
      { street: 'Obere Str. 57', city: 'Berlin', postalCode: '12209', country: 'DE' },
      { street: 'Hafen 1\nTor 2', city: 'Rostock', postalCode: '18055', country: 'DE' },
    ],
  }),
  ourChange: { fax: '030-1' },
  personChange: { contactPerson: 'Ana Trujillo' },
  criteria: ({ name, phone }) => ({
    name: ` ${textOf(name).toUpperCase()} `,
    phone: textOf(phone).replaceAll('-', ' ('),
    city: ' ROSTOCK ',
    postalCode: '18055',
  }),
  createCall: { bodyIncludes: 'party.party.create' },
  takenBackBy: ['delete', 'deactivate'],
};

export const productSamples: TargetSamples = {
  object: 'product',
  newKey,
  record: (key) => ({ code: key, name: `Chai ${key}`, listPrice: '18.0050', unit: 'Unit', kind: 'goods', salable: true }),
  ourChange: { listPrice: '19.00' },
  personChange: { name: 'Chang' },
  criteria: ({ name }) => ({ name: ` ${textOf(name).toUpperCase()} `, listPrice: '18.005' }),
  createCall: { bodyIncludes: 'product.template.create' },
  takenBackBy: ['delete', 'deactivate'],
};
