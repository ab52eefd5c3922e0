import { createArchive } from '../adapters/archive/archive.ts';
import { createSalesforce } from '../adapters/salesforce/salesforce.ts';
import { createSql } from '../adapters/sql/source.ts';
import { createTryton } from '../adapters/tryton/tryton.ts';
import type { Deps, Systems } from '../activities/deps.ts';
import type { TargetPort } from '../contracts/adapter.ts';
import type { Connection } from '../contracts/connection.ts';
import type { RunRef } from '../contracts/messages.ts';
import type { ArchivePort, SourcePort } from '../contracts/source.ts';
import { envSchema, type Env } from '../domain/plan/env.ts';
import { planSchema, type Plan } from '../domain/plan/plan.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** Reads a variable of the process; a missing one is an error that names it. */
type ReadVariable = (name: string) => string;

/** Connects the systems of a run from its stored plan and env, once per run and process. */
export function connectSystems(ledger: Ledger, read: ReadVariable): { readonly systems: Deps['systems']; dispose(): Promise<void> } {
  const known = new Map<string, Promise<Systems>>();
  const dispose = async (): Promise<void> => {
    for (const connected of known.values()) {
      const sys = await connected;
      const { target, crm } = sys.plan.roles;
      await Promise.all([sys.source.dispose(), sys.target(target).dispose(), sys.target(crm).dispose()]);
    }
  };
  const systems: Deps['systems'] = (ref) => {
    const key = `${ref.planHash} ${ref.envHash}`;
    const connected = known.get(key) ?? connect(ledger, read, ref);
    known.set(key, connected);
    connected.catch(() => known.delete(key));
    return connected;
  };
  return { systems, dispose };
}

async function connect(ledger: Ledger, read: ReadVariable, ref: RunRef): Promise<Systems> {
  const [planBody, envBody] = await Promise.all([ledger.runs.document(ref.planHash), ledger.runs.document(ref.envHash)]);
  if (planBody === null || envBody === null)
    throw new Error('the ledger holds no plan or env under the hashes of this run; start it with: cutover start');
  const [plan, env] = [planSchema.parse(planBody), envSchema.parse(envBody)];
  const { roles } = plan;
  const targets = new Map<string, TargetPort>(
    [roles.target, roles.crm].map((system) => [system, target(plan, system, connection(env, system, read))]),
  );
  return {
    plan,
    env,
    source: source(plan, roles.source, connection(env, roles.source, read)),
    archive: archive(plan, roles.archive, connection(env, roles.archive, read)),
    target: (system) => {
      const port = targets.get(system);
      if (!port) throw new Error(`${system} is no system that records are written to`);
      return port;
    },
  };
}

function connection(env: Env, system: string, read: ReadVariable): Connection {
  const values = Object.fromEntries(Object.entries(env.systems[system] ?? {}).map(([name, { env: variable }]) => [name, read(variable)]));
  return { system, values, callTimeoutMs: env.timings.callTimeout };
}

function target(plan: Plan, system: string, to: Connection): TargetPort {
  const declared = plan.systems[system];
  if (declared?.adapter === 'tryton') return createTryton(declared, to);
  if (declared?.adapter === 'salesforce') return createSalesforce(declared, to);
  throw new Error(`${system} has no adapter that can be written to; use tryton or salesforce`);
}

function source(plan: Plan, system: string, to: Connection): SourcePort {
  const declared = plan.systems[system];
  if (declared?.adapter !== 'sql') throw new Error(`${system} has no adapter that can be a source; use sql`);
  return createSql(declared, to);
}

function archive(plan: Plan, system: string, to: Connection): ArchivePort {
  if (plan.systems[system]?.adapter !== 'archive') throw new Error(`${system} has no adapter that can be an archive; use archive`);
  return createArchive(to.values['folder'] ?? '');
}
