import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Deps } from '../../activities/deps.ts';
import { loadLane } from '../../activities/load/load-lane.ts';
import { planLoad } from '../../activities/load/plan-load.ts';
import type { TargetPort, TargetRecord } from '../../contracts/adapter.ts';
import type { LaneEnd } from '../../contracts/activities.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { WaveRef } from '../../contracts/messages.ts';
import { envSchema, type Env } from '../../domain/plan/env.ts';
import { planSchema, type Plan } from '../../domain/plan/plan.ts';
import { openLedger, type Ledger } from '../../ledger/ledger.ts';
import { contentHash, documentHash } from '../../records/canonical.ts';
import { projectRoot } from '../../scripts/dev/project.ts';
import type { TargetBench } from '../contract/target-suite.ts';
import { startSandboxTryton, trytonBench } from '../contract/tryton-bench.ts';
import { ownLedger } from '../support/own-ledger.ts';
import { inActivity, unused } from './alone.ts';

/** A real ledger and a stand-in of the target, on which activities are called as a worker calls them. */
export interface LoadBench {
  readonly ledger: Ledger;
  readonly plan: Plan;
  /** The runner's own connection to the target, and one of a person who works there. */
  readonly erp: TargetPort;
  readonly person: TargetPort;
  /** Orders a fault between the runner and the target; null takes all back. */
  readonly fault: TargetBench['fault'];
  readonly faultHits: TargetBench['faultHits'];
  readonly deps: Deps;
  /** Opens a run of its own scope whose pilot wave is loading. */
  begin(): Promise<WaveRef>;
  stop(): Promise<void>;
}

/** Starts it with Tryton. One call may take so long (ms), after which a call of unknown outcome can be judged. */
export async function startLoadBench(callTimeoutMs = 20_000): Promise<LoadBench> {
  const bench = await trytonBench(await startSandboxTryton(), { commitHorizonMs: '0' });
  return loadBenchOn(bench, withoutCrm(await examplePlan()), callTimeoutMs);
}

/** The plan of the example. */
export async function examplePlan(): Promise<Plan> {
  return planSchema.parse(await example('plan.yaml'));
}

/** Starts it with another target and plan. */
export async function loadBenchOn(bench: TargetBench, plan: Plan, callTimeoutMs: number): Promise<LoadBench> {
  const own = await ownLedger();
  const ledger = openLedger(own.url);
  const env = withTimings(envSchema.parse(await example('rehearsal.yaml')), { callTimeout: callTimeoutMs, guardEvery: 60_000 });
  const [erp, person] = [bench.connect('runner', 'proxy'), bench.connect('person')];
  let runs = 0;
  return {
    ledger,
    plan,
    erp,
    person,
    fault: (rule) => bench.fault(rule),
    faultHits: () => bench.faultHits(),
    deps: {
      ledger,
      systems: () => Promise.resolve({ plan, env, source: unused, archive: unused, target: () => erp }),
      point: () => undefined,
    },
    begin: async () => {
      runs += 1;
      const ref = { run: `cutover/bench/${String(runs)}`, planHash: documentHash(plan), envHash: documentHash(env) };
      await ledger.runs.storeDocument(ref.planHash, 'plan', plan);
      await ledger.runs.storeDocument(ref.envHash, 'env', env);
      await ledger.runs.open(ref.run, ref.planHash, ref.envHash);
      await ledger.runs.bindScope(ref.run, `scope ${String(runs)}`, 0);
      await ledger.runs.beatGuard(ref.run);
      await ledger.waves.plan(ref.run, ['pilot']);
      await ledger.waves.move({ run: ref.run, wave: 'pilot', attempt: 1 }, 'loading');
      return { ...ref, wave: 'pilot', attempt: 1 };
    },
    stop: async () => {
      await Promise.all([erp.dispose(), person.dispose(), ledger.close()]);
      await Promise.all([own.drop(), bench.stop()]);
    },
  };
}

/** Stages one source record of an account, as a delta does. */
export async function stage({ ledger }: LoadBench, ref: WaveRef, object: string, sourceId: string, payload: Fields): Promise<void> {
  const { scope } = await ledger.runs.get(ref.run);
  await ledger.records.stage(scope ?? '', await ledger.stagings.begin(ref), [
    { object, sourceId, account: sourceId, wave: ref.wave, hash: contentHash(payload), payload, disposition: 'move' },
  ]);
}

/** Loads what is due of an object, each lane as often as it asks for, and tells how each ended. */
export async function load({ deps, ledger }: LoadBench, ref: WaveRef, object: string): Promise<readonly LaneEnd['end'][]> {
  const ends: LaneEnd['end'][] = [];
  await ledger.runs.beatGuard(ref.run);
  for (const lane of await inActivity(() => planLoad(deps)(ref, object))) {
    let end = await inActivity(() => loadLane(deps)(ref, lane));
    for (let times = 0; end.end === 'wait' && times < 10; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, end.waitMs));
      end = await inActivity(() => loadLane(deps)(ref, lane));
    }
    ends.push(end.end);
  }
  return ends;
}

/** Writes one record as this user does. */
export async function write(port: TargetPort, object: string, operation: 'create' | 'update', fields: Fields, id: string | null = null) {
  const session = await port.open();
  const sending = { signal: new AbortController().signal, beforeSend: () => undefined };
  const outcomes = await session.write(object, [{ effectId: 'by hand', operation, id, fields, stamp: null }], sending);
  await session.close();
  return outcomes;
}

/** The only record of the target with this key. */
export async function only(port: TargetPort, object: string, key: string): Promise<TargetRecord> {
  const found = await port.findByKey(object, [key]);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`expected one ${object} ${key}, found ${String(found.length)}`);
  return found[0];
}

async function example(name: string): Promise<unknown> {
  return parse(await readFile(join(projectRoot, 'examples/northwind', name), 'utf8'));
}

/** Without the one field of an order that is looked up in the CRM. */
function withoutCrm(plan: Plan): Plan {
  const fieldsOf = ({ fields }: Plan['objects'][number]) =>
    Object.fromEntries(Object.entries(fields).filter(([, rule]) => !('ref' in rule && rule.ref === 'salesperson')));
  return { ...plan, objects: plan.objects.map((object) => ({ ...object, fields: fieldsOf(object) })) };
}

function withTimings(env: Env, timings: Partial<Env['timings']>): Env {
  return { ...env, timings: { ...env.timings, ...timings } };
}
