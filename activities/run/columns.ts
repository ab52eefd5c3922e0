import type { FieldRule, ObjectPlan } from '../../domain/plan/mapping.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { Systems } from '../deps.ts';

/** A column from which a mapping takes the keys of another object; of the entries of a list column, where it names one. */
export interface Referring {
  readonly object: string;
  readonly column: string;
  readonly list: string | null;
}

/** The columns by which the records of an object refer to others, its parent among them. */
export function referringColumns({ fields, parent }: ObjectPlan): readonly Referring[] {
  const found = inRules(fields, null);
  const own = parent === undefined ? [] : [{ object: parent.object, column: parent.from, list: null }];
  return [...found, ...own.filter(({ object, column }) => !found.some((each) => each.object === object && each.column === column))];
}

function inRules(rules: Readonly<Record<string, FieldRule>>, list: string | null): readonly Referring[] {
  return Object.values(rules).flatMap((rule): readonly Referring[] => {
    if ('ref' in rule) return [{ object: rule.ref, column: rule.from, list }];
    return 'each' in rule ? inRules(rule.fields, rule.each) : [];
  });
}

/** The column from which a mapping makes a field, given as a path; null where it is made of none, or of several. */
export function columnOfField(fields: Readonly<Record<string, FieldRule>>, path: string): string | null {
  const [name = '', ...rest] = path.split('.');
  const rule = fields[name];
  if (rule === undefined) return null;
  if ('from' in rule) return rule.from;
  return 'each' in rule ? (columnOfField(rule.fields, rest.join('.')) ?? rule.each) : null;
}

/** The column in which a query yields the account of a row. */
export function columnOfAccount(sys: Systems, query: string): string {
  return sourceOf(sys).queries[query]?.account ?? 'account';
}

/** The column in which a query yields the key of a row. */
export function columnOfKey(sys: Systems, query: string): string {
  return sourceOf(sys).queries[query]?.key ?? 'key';
}

/** Where a column stands: its query, and the tables that one is made of. */
export function placeOfColumn(sys: Systems, query: string, column: string): string {
  const tables = sourceOf(sys).queries[query]?.tables ?? [];
  return `(column ${column} of query ${query}, ${tables.length === 1 ? 'table' : 'tables'} ${tables.join(', ')})`;
}

function sourceOf(sys: Systems): SqlSystem {
  return sys.plan.systems[sys.plan.roles.source] as SqlSystem;
}
