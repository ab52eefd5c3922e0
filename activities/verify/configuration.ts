import { driftOf, type Configuration } from '../../domain/gates/drift.ts';
import type { Context } from '../deps.ts';

/** The configuration of legacy, target and CRM as they are now (see `fingerprint` of the ports). */
export async function readConfiguration({ sys }: Pick<Context, 'sys'>): Promise<Configuration> {
  const { source, target, crm } = sys.plan.roles;
  const objectsOf = (system: string): readonly string[] => [
    ...new Set(sys.plan.objects.filter((object) => object.target.system === system).map((object) => object.target.object)),
  ];
  const own = (await sys.source.fingerprint()).split('\n').filter((line) => line !== '');
  const found: [string, readonly string[]][] = [[source, own]];
  for (const system of new Set([target, crm])) found.push([system, await sys.target(system).fingerprint(objectsOf(system))]);
  return Object.fromEntries(found);
}

/** What changed in any system since the configuration freeze of the run, and how many facts were frozen; null before the freeze. */
export async function configurationDrift(context: Context): Promise<{ readonly changes: readonly string[]; readonly of: number } | null> {
  const { fingerprint } = await context.ledger.runs.get(context.ref.run);
  if (fingerprint === null) return null;
  const frozen = JSON.parse(fingerprint) as Configuration;
  const changes = driftOf(frozen, await readOnce(context));
  return { changes, of: Object.values(frozen).reduce((count, lines) => count + lines.length, 0) };
}

const readings = new WeakMap<Context, Promise<Configuration>>();

/** One reading for each activity call: a look at several waves asks no system twice, and judges all of them by the same answer. */
function readOnce(context: Context): Promise<Configuration> {
  const known = readings.get(context);
  if (known !== undefined) return known;
  const reading = readConfiguration(context);
  readings.set(context, reading);
  return reading;
}
