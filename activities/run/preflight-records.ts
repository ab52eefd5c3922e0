import { placeOf, type Tries } from '../tries.ts';
import { columnOfField, placeOfColumn } from './columns.ts';
import { lookAlikesBehind, markOf } from './preflight-names.ts';
import { beginning } from './account-parts.ts';
import { orProblem } from './preflight-source.ts';
import { readRows } from './read-rows.ts';
import { findCandidates } from '../load/candidates.ts';
import { shown, shownNames } from '../../records/bare.ts';
import { mapFields } from '../../records/mapping.ts';
import type { FieldShape, TargetPort } from '../../contracts/adapter.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { listedFirst } from '../../domain/listed.ts';
import type { FieldRule, ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Systems } from '../deps.ts';

/** Shared records that the plan only matches (taxes, terms, people) are all there: finance and IT set them up, the runner never does. */
export async function matchProblems(sys: Systems): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const object of sys.plan.objects.filter((candidate) => candidate.mode === 'match' && candidate.scope === 'shared')) {
    if (object.fallback !== undefined) continue;
    problems.push(...(await orProblem(sys, () => unmatched(sys, object))));
  }
  return problems;
}

async function unmatched(sys: Systems, object: ObjectPlan): Promise<readonly string[]> {
  const missing: string[] = [];
  for await (const rows of readRows({ sys }, object.source.query, null)) {
    const records = rows.map((row) => ({ sourceId: row.key, desired: mapFields(object.fields, row.fields, () => null).fields }));
    const found = await findCandidates({ sys }, object, records);
    missing.push(...records.flatMap(({ sourceId }) => ((found.get(sourceId) ?? []).length === 0 ? [sourceId] : [])));
  }
  if (missing.length === 0) return [];
  return [
    `${object.target.system} has no ${object.target.object} for ${object.name} ${shownNames(missing)}; have its owner set it up, the runner never creates it`,
  ];
}

/** Every object and field that the plan names is one of its target system, by that system's own description; searches by it are taken. */
export async function fieldProblems(sys: Systems): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const object of sys.plan.objects) {
    try {
      const shapes = await sys.target(object.target.system).describe(object.target.object);
      const known = new Set(shapes.map(({ name }) => name));
      const stray = [...new Set([...Object.keys(object.fields), ...object.watched])].filter((name) => !known.has(name));
      if (stray.length > 0)
        problems.push(
          `${object.target.system}: ${object.target.object} has no field ${shownNames(stray)}, which the plan names for ${object.name}; correct the mapping, or make the field visible to the runner's user. It has ${shownNames([...known])}`,
        );
      await trySearches(sys, object);
    } catch (error) {
      if (!(error instanceof AdapterError) || !isAboutThePlan(error)) throw error;
      problems.push(`${object.name}: ${error.message}`);
    }
  }
  return problems;
}

function isAboutThePlan({ kind }: AdapterError): boolean {
  return kind === 'unsupported' || kind === 'invalidData' || kind === 'notFound';
}

/** Asks for records by each match rule whose fields are plain texts: a field that cannot be searched by is refused in the adapter's words. */
async function trySearches(sys: Systems, object: ObjectPlan): Promise<void> {
  for (const { all } of object.match) {
    if (!all.every((name) => isPlainText(object.fields[name]))) continue;
    await sys.target(object.target.system).findByFields(object.target.object, [Object.fromEntries(all.map((name) => [name, 'preflight']))]);
  }
}

function isPlainText(rule: FieldRule | undefined): boolean {
  return rule === undefined || ('from' in rule && !('ref' in rule) && rule.as !== 'decimal' && rule.as !== 'date');
}

/** Keys of the records with one fault: the first ones by name, and how many there are. */
interface Group {
  readonly keys: string[];
  count: number;
}
const keysKept = 20;

/**
 * Every value can be mapped, nothing is longer than the target takes or missing where it needs it, and the target's adapter finds nothing it would
 * refuse: currencies, countries, prices, decimals, lines, texts it would not hold as they are. Keys and references are spelled the same. Grouped by cause, page by page. A later try of the activity goes on behind the last page up to
 * which there was no problem.
 */
export async function recordProblems(sys: Systems, { from, note: noteDone }: Tries): Promise<readonly string[]> {
  const problems: string[] = [];
  const done = from?.mark ?? null;
  const names = await lookAlikesBehind(sys, done);
  for (const object of sys.plan.objects.slice(Math.max(0, placeOf(sys.plan.objects, done)))) {
    const groups = new Map<string, Group>();
    const target = object.mode === 'move' ? await checkOf(sys, object) : null;
    const readTo = object.name === done?.['object'] ? (done['key'] ?? null) : null;
    const unread = await orProblem(sys, async () => {
      for await (const rows of readRows({ sys }, object.source.query, null, { ...beginning(null), key: readTo })) {
        await lookAt(sys, object, target, rows, groups);
        for (const { key, cause } of await names.in(object, rows)) note(groups, cause, key);
        const key = rows.at(-1)?.key;
        if (key !== undefined && groups.size + problems.length === 0) await noteDone(markOf(names, object.name, key));
      }
      return [];
    });
    problems.push(...unread);
    for (const [cause, { keys, count }] of groups) problems.push(`${object.name} ${listedFirst(keys.map(shown), count)}: ${cause}`);
  }
  return problems;
}

/** What the target says of the object: its fields, and what it would refuse. */
interface Check {
  readonly shapes: readonly FieldShape[];
  of(records: Parameters<TargetPort['check']>[1]): ReturnType<TargetPort['check']>;
}

async function checkOf(sys: Systems, { target }: ObjectPlan): Promise<Check> {
  const port = sys.target(target.system);
  return { shapes: await port.describe(target.object), of: (records) => port.check(target.object, records) };
}

async function lookAt(
  sys: Systems,
  object: ObjectPlan,
  target: Check | null,
  rows: readonly { readonly key: string; readonly fields: Parameters<typeof mapFields>[1] }[],
  groups: Map<string, Group>,
): Promise<void> {
  const whole: { key: string; fields: ReturnType<typeof mapFields>['fields'] }[] = [];
  for (const row of rows) {
    const { fields, problems } = mapFields(object.fields, row.fields, () => 'reference');
    const faults = [
      ...problems.map(({ field, message }) => `${field}: ${message}`),
      ...(target?.shapes ?? []).flatMap((shape) => misfit(shape, fields[shape.name])),
    ];
    for (const fault of faults) note(groups, `${fault}; correct it in the legacy system or in the mapping`, row.key);
    // What cannot be mapped is told already; the target is asked about the others.
    if (faults.length === 0) whole.push({ key: row.key, fields });
  }
  for (const { key, cause, field } of (await target?.of(whole)) ?? []) {
    const column = field === undefined ? null : columnOfField(object.fields, field);
    note(groups, column === null ? cause : `${cause} ${placeOfColumn(sys, object.source.query, column)}`, key);
  }
}

function note(groups: Map<string, Group>, cause: string, key: string): void {
  const group = groups.get(cause) ?? { keys: [], count: 0 };
  if (group.keys.length < keysKept) group.keys.push(key);
  group.count += 1;
  groups.set(cause, group);
}

function misfit(shape: FieldShape, value: unknown): readonly string[] {
  if (shape.required && (value === null || value === undefined || (typeof value === 'string' && value.trim() === '')))
    return [`${shape.name} is empty, and the target requires it`];
  if (shape.maxLength === null || typeof value !== 'string' || value.length <= shape.maxLength) return [];
  return [`${shape.name} is longer than the ${String(shape.maxLength)} characters the target takes`];
}
