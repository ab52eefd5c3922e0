import { list } from './list.ts';
import { readRows } from './stage.ts';
import { findCandidates } from '../load/candidates.ts';
import { mapFields } from '../../records/mapping.ts';
import type { FieldShape } from '../../contracts/adapter.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Systems } from '../deps.ts';

/** Shared records that the plan only matches (taxes, terms, people) are all there: finance and IT set them up, the runner never does. */
export async function matchProblems(sys: Systems): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const object of sys.plan.objects.filter((candidate) => candidate.mode === 'match' && candidate.scope === 'shared')) {
    const records = (await allRows(sys, object)).map((row) => ({
      sourceId: row.key,
      desired: mapFields(object.fields, row.fields, () => null).fields,
    }));
    const found = await findCandidates({ sys }, object, records);
    const missing = object.fallback === undefined ? records.filter(({ sourceId }) => (found.get(sourceId) ?? []).length === 0) : [];
    if (missing.length > 0)
      problems.push(
        `${object.target.system} has no ${object.target.object} for ${object.name} ${list(missing.map(({ sourceId }) => sourceId))}; have its owner set it up, the runner never creates it`,
      );
  }
  return problems;
}

/** Nothing the mapping makes is longer than the target takes, and every value can be mapped. */
export async function lengthProblems(sys: Systems): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const object of sys.plan.objects) {
    const shapes = object.mode === 'move' ? await sys.target(object.target.system).describe(object.target.object) : [];
    const faults = new Map<string, string[]>();
    for (const row of await allRows(sys, object)) {
      const mapped = mapFields(object.fields, row.fields, () => 'reference');
      const found = [
        ...mapped.problems.map(({ field, message }) => `${field}: ${message}`),
        ...shapes.flatMap((shape) => misfit(shape, mapped.fields[shape.name])),
      ];
      for (const fault of found) {
        const keys = faults.get(fault) ?? [];
        keys.push(row.key);
        faults.set(fault, keys);
      }
    }
    for (const [fault, keys] of faults)
      problems.push(`${object.name} ${list(keys)}: ${fault}; correct it in the legacy system or in the mapping`);
  }
  return problems;
}

function misfit(shape: FieldShape, value: unknown): readonly string[] {
  if (shape.required && (value === null || value === undefined || value === ''))
    return [`${shape.name} is empty, and the target requires it`];
  if (shape.maxLength === null || typeof value !== 'string' || value.length <= shape.maxLength) return [];
  return [`${shape.name} is longer than the ${String(shape.maxLength)} characters the target takes`];
}

async function allRows(
  sys: Systems,
  object: ObjectPlan,
): Promise<readonly { readonly key: string; readonly fields: Parameters<typeof mapFields>[1] }[]> {
  const all = [];
  for await (const rows of readRows({ sys }, object.source.query, null)) all.push(...rows);
  return all;
}
