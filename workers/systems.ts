import { createArchive } from '../adapters/archive/archive.ts';
import { createSalesforce } from '../adapters/salesforce/salesforce.ts';
import { createSql } from '../adapters/sql/source.ts';
import { createTryton } from '../adapters/tryton/tryton.ts';
import { Meters } from '../activities/budget/meters.ts';
import { withPatientReads } from '../activities/patient-reads.ts';
import type { Deps, Systems } from '../activities/deps.ts';
import type { TargetPort } from '../contracts/adapter.ts';
import type { Connection } from '../contracts/connection.ts';
import type { RunRef } from '../contracts/messages.ts';
import type { ArchivePort, SourcePort } from '../contracts/source.ts';
import type { Env } from '../domain/plan/env.ts';
import { budgetOf } from '../domain/plan/limits.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readDocuments } from './documents.ts';

/** Reads a variable of the process; undefined or empty where it is not set. */
type ReadVariable = (name: string) => string | undefined;

/** Connects the systems of a run from its stored plan and env, once per run and process. */
export function connectSystems(ledger: Ledger, read: ReadVariable): { readonly systems: Deps['systems']; dispose(): Promise<void> } {
  const known = new Map<string, Promise<Systems>>();
  const meters = new Meters(ledger);
  const dispose = async (): Promise<void> => {
    try {
      // A session that cannot be ended runs out by itself.
      await Promise.allSettled(
        [...known.values()].map(async (connected) => {
          const sys = await connected;
          const { target, crm } = sys.plan.roles;
          await Promise.allSettled([sys.source.dispose(), sys.target(target).dispose(), sys.target(crm).dispose()]);
        }),
      );
    } finally {
      await meters.dispose();
    }
  };
  const systems: Deps['systems'] = (ref) => {
    const key = `${ref.planHash} ${ref.envHash}`;
    const connected = known.get(key) ?? connect(ledger, meters, read, ref);
    known.set(key, connected);
    connected.catch(() => known.delete(key));
    return connected;
  };
  return { systems, dispose };
}

async function connect(ledger: Ledger, meters: Meters, read: ReadVariable, ref: RunRef): Promise<Systems> {
  const [plan, env] = await readDocuments(ledger, ref);
  const { roles } = plan;
  const metered = new Map([roles.target, roles.crm].map((system) => [system, meters.of({ ref, system, budget: budgetOf(plan, system) })]));
  const targets = new Map<string, TargetPort>(
    [...metered].map(([system, meter]) => [system, withPatientReads(target(plan, system, { ...connection(env, system, read), meter }))]),
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
    ready: async (system) => metered.get(system)?.ready(),
  };
}

function connection(env: Env, system: string, read: ReadVariable): Connection {
  const values = Object.entries(env.systems[system] ?? {}).map(([name, { env: variable }]) => {
    const value = read(variable);
    if (value === undefined || value === '')
      throw new Error(
        `${system}: the environment variable ${variable} is not set in this worker, and the env file of the run takes ${name} from it; set it and start the worker again`,
      );
    return [name, value] as const;
  });
  return { system, values: Object.fromEntries(values), callTimeoutMs: env.timings.callTimeout };
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
  return createArchive(to);
}
