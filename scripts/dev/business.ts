import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SalesforceSeed } from '../../sandbox/salesforce/seed-data.ts';
import type { TrytonSeed } from '../../sandbox/tryton/seed-data.ts';
import { bundleFile } from './bundle-file.ts';
import { startChildServer, type ChildServer } from './child-server.ts';
import { crmSeed } from './northwind/crm-seed.ts';
import { erpSeed } from './northwind/erp-seed.ts';
import { copyLegacy, ownLegacy, type LegacyUrls } from './northwind/legacy.ts';
import type { SeedOptions } from './northwind/seed-options.ts';
import { startRealTryton } from './tryton/real.ts';
import { keyByHand } from './tryton/key-by-hand.ts';
import { createLedger, putFile, type Stack } from './stack.ts';
import { createNamespace } from './temporal.ts';

/** One business on a stack: its legacy database, CRM and ERP, where wanted with a fault proxy before each, an archive folder and a ledger. */
export interface Business {
  readonly ledgerUrl: string;
  /** Addresses of the legacy database: as its users, and as its administrator. */
  readonly legacy: { readonly app: string; readonly admin: string };
  /** The systems themselves (for oracles and people's acts), not through the proxy. */
  readonly erp: {
    readonly url: string;
    readonly database: string;
    readonly salesPassword: string;
    /** A real Tryton's own database, entered as its owner; null for the sandbox, which has none. */
    readonly databaseUrl: string | null;
  };
  readonly crm: { readonly url: string; readonly salesClientId: string; readonly salesClientSecret: string };
  /** Control addresses of the fault proxies; empty where the business was started without. */
  readonly faults: { readonly erp: string; readonly crm: string };
  readonly archive: string;
  /** The namespace of Temporal in which its runs are. */
  readonly namespace: string;
  /** What a worker and the command line need to find all this. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface BusinessOptions extends SeedOptions {
  /** Distinguishes businesses on one stack. */
  readonly name: string;
  /** Records of somebody's own, in place of Northwind's. */
  readonly own?: OwnRecords;
  /** A namespace of Temporal to be made for this business alone; absent: the one the stack works in. */
  readonly namespace?: string;
  /** A fault proxy stands before CRM and ERP. */
  readonly faults?: boolean;
  /** The ERP is a real Tryton instead of its sandbox. */
  readonly real?: boolean;
  /** References of sales that make an invoice of their own in the sandbox: what the harmless check must find. */
  readonly autoInvoice?: readonly string[];
  /** How long after a call the ERP may still commit it (ms). */
  readonly commitHorizonMs?: number;
}

/** What the systems of a business hold that is not Northwind. */
export interface OwnRecords {
  /** Statements that make the legacy database. */
  readonly legacy: string;
  readonly erp: TrytonSeed;
  readonly crm: SalesforceSeed;
}

/** Credentials of throw-away systems on loopback. */
const secrets = {
  app: 'legacy-app-local',
  runner: 'legacy-runner-local',
  cutover: 'Cutover-local-1!',
  sales: 'Sales-local-1!',
  admin: 'Admin-local-1!',
  client: 'cutover-client',
  clientSecret: 'cutover-client-secret',
  salesClient: 'sales-client',
  salesClientSecret: 'sales-client-secret',
} as const;

/** Starts a business on the stack, with its records; each system is a process of its own. */
export async function startBusiness(stack: Stack, options: BusinessOptions): Promise<Business> {
  const { postgres } = stack;
  const databases = { ledger: `ledger_${options.name}`, legacy: `legacy_${options.name}` };
  const archive = join(stack.folder, `archive-${options.name}`);
  await mkdir(archive);
  const children: Promise<{ stop(): Promise<void> }>[] = [];
  const started = <T extends { stop(): Promise<void> }>(child: Promise<T>): Promise<T> => {
    children.unshift(child);
    return child;
  };
  // One that is still starting when another fails must not outlive it.
  const stop = async (): Promise<void> => {
    for (const child of await Promise.allSettled(children)) if (child.status === 'fulfilled') await child.value.stop();
  };
  try {
    const passwords = { app: secrets.app, runner: secrets.runner };
    const seed = { ...(options.customers === undefined ? {} : { customers: options.customers }), passwords };
    const [ledgerUrl, legacy, erp, crm, bundle] = await Promise.all([
      createLedger(postgres, databases.ledger),
      options.own === undefined
        ? copyLegacy(postgres, databases.legacy, seed)
        : ownLegacy(postgres, databases.legacy, options.own.legacy, passwords),
      started(startErp(stack, options)),
      started(startCrm(stack, options)),
      bundleFile(),
      options.namespace === undefined ? null : createNamespace(stack.temporal.address, options.namespace),
    ]);
    const admin = postgres.url(databases.legacy);
    const proxies =
      options.faults === true
        ? await Promise.all([started(startProxy(erp.url, erp.databaseUrl === null)), started(startProxy(crm.ready['url'] ?? '', true))])
        : null;
    return described(stack, options, { ledgerUrl, archive, admin, legacy, erp, crm, proxies, bundle, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly ledgerUrl: string;
  readonly archive: string;
  readonly admin: string;
  readonly legacy: LegacyUrls;
  readonly erp: Erp;
  readonly crm: ChildServer;
  /** Before the ERP, and before the CRM. */
  readonly proxies: readonly [ChildServer, ChildServer] | null;
  /** Where the workers find the bundle of the workflows. */
  readonly bundle: string;
  readonly stop: () => Promise<void>;
}

function described(
  stack: Stack,
  options: BusinessOptions,
  { ledgerUrl, archive, admin, legacy, erp, crm, proxies, bundle, stop }: Parts,
): Business {
  const [erpProxy, crmProxy] = proxies ?? [];
  const namespace = options.namespace ?? stack.temporal.namespace;
  return {
    ledgerUrl,
    archive,
    namespace,
    legacy: { app: legacy.app, admin },
    erp: { url: erp.url, database: erp.database, salesPassword: erp.salesPassword, databaseUrl: erp.databaseUrl },
    crm: { url: crm.ready['url'] ?? '', salesClientId: secrets.salesClient, salesClientSecret: secrets.salesClientSecret },
    faults: { erp: erpProxy?.ready['control'] ?? '', crm: crmProxy?.ready['control'] ?? '' },
    environment: {
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_NAMESPACE: namespace,
      CUTOVER_LEDGER_URL: ledgerUrl,
      CUTOVER_ARCHIVE: archive,
      ...(stack.temporal.ui === null ? {} : { CUTOVER_UI_URL: stack.temporal.ui }),
      CUTOVER_LEGACY_URL: legacy.runner,
      CUTOVER_CRM_URL: crmProxy?.ready['url'] ?? crm.ready['url'] ?? '',
      CUTOVER_CRM_CLIENT_ID: secrets.client,
      CUTOVER_CRM_CLIENT_SECRET: secrets.clientSecret,
      CUTOVER_CRM_COMMIT_HORIZON_MS: String(options.commitHorizonMs ?? 500),
      CUTOVER_ERP_URL: erpProxy?.ready['url'] ?? erp.url,
      CUTOVER_ERP_DATABASE: erp.database,
      CUTOVER_ERP_USER: 'cutover',
      CUTOVER_ERP_PASSWORD: erp.cutoverPassword,
      CUTOVER_ERP_COMMIT_HORIZON_MS: String(options.commitHorizonMs ?? (options.real === true ? 3_000 : 500)),
      CUTOVER_BUNDLE: bundle,
    },
    stop,
  };
}

interface Erp {
  readonly url: string;
  readonly database: string;
  readonly databaseUrl: string | null;
  readonly cutoverPassword: string;
  readonly salesPassword: string;
  stop(): Promise<void>;
}

async function startErp(stack: Stack, options: BusinessOptions): Promise<Erp> {
  const seed = {
    ...(options.own?.erp ?? (await erpSeed(options))),
    ...(options.autoInvoice === undefined ? {} : { autoInvoice: options.autoInvoice }),
  };
  if (options.real === true) {
    const real = await startRealTryton();
    const { url, database, databaseUrl, passwords } = real;
    await keyByHand({ url, database, salesPassword: passwords.sales }, seed.parties ?? []);
    return { url, database, databaseUrl, cutoverPassword: passwords.cutover, salesPassword: passwords.sales, stop: () => real.stop() };
  }
  const file = await putFile(stack, `erp-${options.name}.json`, JSON.stringify(seed));
  const child = await startChildServer('sandbox/tryton/main.ts', {
    TRYTON_SANDBOX_SEED: file,
    TRYTON_SANDBOX_ADMIN_PASSWORD: secrets.admin,
    TRYTON_SANDBOX_CUTOVER_PASSWORD: secrets.cutover,
    TRYTON_SANDBOX_SALES_PASSWORD: secrets.sales,
  });
  return {
    url: child.ready['url'] ?? '',
    database: child.ready['database'] ?? '',
    databaseUrl: null,
    cutoverPassword: secrets.cutover,
    salesPassword: secrets.sales,
    stop: () => child.stop(),
  };
}

async function startCrm(stack: Stack, options: BusinessOptions): Promise<ChildServer> {
  const file = await putFile(stack, `crm-${options.name}.json`, JSON.stringify(options.own?.crm ?? (await crmSeed(options))));
  return startChildServer('sandbox/salesforce/main.ts', {
    SALESFORCE_SANDBOX_SEED: file,
    SALESFORCE_SANDBOX_CLIENT_ID: secrets.client,
    SALESFORCE_SANDBOX_CLIENT_SECRET: secrets.clientSecret,
    SALESFORCE_SANDBOX_SALES_CLIENT_ID: secrets.salesClient,
    SALESFORCE_SANDBOX_SALES_CLIENT_SECRET: secrets.salesClientSecret,
  });
}

function startProxy(target: string, keepsConnections: boolean): Promise<ChildServer> {
  const environment = { FAULT_PROXY_TARGET: target, FAULT_PROXY_KEEPS_CONNECTIONS: String(keepsConnections) };
  return startChildServer('sandbox/fault-proxy/main.ts', environment);
}
