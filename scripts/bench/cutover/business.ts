import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFile } from '../../dev/bundle-file.ts';
import { startChildServer } from '../../dev/child-server.ts';
import { projectRoot } from '../../dev/project.ts';
import { askDatabase } from '../../dev/sql.ts';
import { createLedger, putFile } from '../../dev/stack.ts';
import { createNamespace } from '../../dev/temporal.ts';
import type { TrytonSeed } from '../../../sandbox/tryton/seed-data.ts';
import type { Kind } from '../kinds.ts';
import { recordsOf } from '../sizes.ts';
import type { Arena } from '../contestants/contestant.ts';
import { credentials } from '../target/target.ts';
import { writePlan } from './plan.ts';
import { createSource } from './source.ts';

/** All that one run of the product needs, for one round. */
export interface BenchBusiness {
  readonly namespace: string;
  /** Name of the ledger's database. */
  readonly ledger: string;
  readonly planFile: string;
  readonly envFile: string;
  /** Where faults are ordered between the product and the target; empty where there is no trouble. */
  readonly faults: string;
  /** What a worker and the command line need to find all this. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const erpPassword = 'Cutover-local-1!';
/** How long after a call the target may still commit it: ours answers when it has. */
const commitHorizonMs = '500';
/** Of one lane, as the adapter has it by itself. */
const usualCallsInFlight = '4';
const erpSeed: TrytonSeed = { company: 'Bench', currency: 'USD' };

/** Makes a source with its records, an empty ledger, an idle ERP and a namespace. */
export async function startBusiness({ stack, target, sizes }: Arena, name: string, kind: Kind): Promise<BenchBusiness> {
  const { postgres, temporal } = stack;
  const folder = join(stack.folder, name);
  const archive = join(folder, 'archive');
  await mkdir(archive, { recursive: true });
  const databases = { ledger: `ledger_${name}`, source: `source_${name}` };
  const seed = await putFile({ folder }, 'erp.json', JSON.stringify(erpSeed));
  const erp = await startChildServer(join(projectRoot, 'sandbox/tryton/main.ts'), {
    TRYTON_SANDBOX_SEED: seed,
    TRYTON_SANDBOX_ADMIN_PASSWORD: 'Admin-local-1!',
    TRYTON_SANDBOX_CUTOVER_PASSWORD: erpPassword,
    TRYTON_SANDBOX_SALES_PASSWORD: 'Sales-local-1!',
  });
  const proxy = sizes.trouble === null ? null : await startChildServer('sandbox/fault-proxy/main.ts', { FAULT_PROXY_TARGET: target.url });
  const stop = async (): Promise<void> => {
    await Promise.all([erp.stop(), proxy?.stop()]);
    const drops = Object.values(databases).map((database) => `drop database if exists "${database}" with (force)`);
    await askDatabase(postgres.url('postgres'), drops);
  };
  try {
    const [ledgerUrl, sourceUrl, files, bundle] = await Promise.all([
      createLedger(postgres, databases.ledger),
      createSource(postgres, databases.source, { companies: sizes.records, contacts: recordsOf(sizes) - sizes.records }),
      writePlan(folder, kind, sizes),
      bundleFile(),
      createNamespace(temporal.address, name),
    ]);
    const environment = {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: name,
      CUTOVER_LEDGER_URL: ledgerUrl,
      CUTOVER_LEGACY_URL: sourceUrl,
      CUTOVER_ARCHIVE: archive,
      CUTOVER_BUNDLE: bundle,
      CUTOVER_CRM_URL: proxy?.ready['url'] ?? target.url,
      CUTOVER_CRM_CLIENT_ID: credentials.clientId,
      CUTOVER_CRM_CLIENT_SECRET: credentials.clientSecret,
      CUTOVER_CRM_COMMIT_HORIZON_MS: commitHorizonMs,
      CUTOVER_CRM_CALLS_IN_FLIGHT: usualCallsInFlight,
      CUTOVER_ERP_URL: erp.ready['url'] ?? '',
      CUTOVER_ERP_DATABASE: erp.ready['database'] ?? '',
      CUTOVER_ERP_USER: 'cutover',
      CUTOVER_ERP_PASSWORD: erpPassword,
      CUTOVER_LOG_LEVEL: 'warn',
    };
    return { namespace: name, ledger: databases.ledger, ...files, faults: proxy?.ready['control'] ?? '', environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
