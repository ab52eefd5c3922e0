import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../../scripts/dev/project.ts';

/** Three waves of two or three accounts, among them every order that Northwind is special for. */
export const smallWaves = { pilot: ['ALFKI', 'ERNSH', 'RATTC'], east: ['SIMOB', 'RICSU', 'LINOD'], west: ['BONAP', 'CACTU'] } as const;
export const smallAccounts: readonly string[] = Object.values(smallWaves).flat();
/** The open orders of the accounts of each. */
export const smallOrders: Readonly<Record<string, readonly string[]>> = {
  pilot: ['11008', '11072', '11077'],
  east: ['11039', '11074', '11075'],
  west: ['11054', '11076'],
};
export const pilotOrders: readonly string[] = smallOrders['pilot'] ?? [];

type Json = Record<string, unknown>;

/** Changes to the plan and env a scenario needs. */
export interface SmallPlanChanges {
  /** With 2 the accounts of west move with east: enough wherever a third wave would only do once more what the second did. */
  readonly waves?: 2 | 3;
  readonly plan?: (plan: Json) => void;
  readonly env?: (env: Json) => void;
  readonly timings?: Readonly<Record<string, string>>;
}

/** For a target that is slowed down: a write of several calls takes its time. */
export const unhurried = { callTimeout: '20s' } as const;

/** Writes the Northwind plan, cut down to the small waves, and its env with short waits; returns both paths. */
export async function writeSmallPlan(
  folder: string,
  changes: SmallPlanChanges = {},
): Promise<{ readonly planFile: string; readonly envFile: string }> {
  const read = async (name: string): Promise<Json> => parse(await readFile(join(projectRoot, 'examples/northwind', name), 'utf8')) as Json;
  const [plan, env] = [await read('plan.yaml'), await read('rehearsal.yaml')];
  plan['name'] = `small-${basename(folder)}`;
  const { pilot, east, west } = smallWaves;
  plan['pilot'] = { name: 'pilot', accounts: pilot };
  plan['waves'] =
    changes.waves === 2
      ? [{ name: 'east', accounts: [...east, ...west] }]
      : [
          { name: 'east', accounts: east },
          { name: 'west', accounts: west },
        ];
  plan['expectations'] = [];
  changes.plan?.(plan);
  env['timings'] = {
    ...(env['timings'] as Json),
    soak: '200ms',
    parallelRun: '1s',
    hypercare: '300ms',
    reconcileEvery: '1s',
    // Where nobody waits for a breach, looking more often only costs.
    guardEvery: '10s',
    lease: '30m',
    callTimeout: '3s',
    retryPause: '100ms',
    ...changes.timings,
  };
  changes.env?.(env);
  const [planFile, envFile] = [join(folder, 'plan.yaml'), join(folder, 'env.yaml')];
  await writeFile(planFile, stringify(plan));
  await writeFile(envFile, stringify(env));
  return { planFile, envFile };
}
