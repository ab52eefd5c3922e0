import { ApiError } from './errors.ts';
import type { Organization } from './organization.ts';
import { longId } from './record-id.ts';
import type { Condition, Literal, Query } from './soql.ts';
import type { StoredRecord, Value } from './store.ts';

type Row = Record<string, unknown>;

/** Runs a query; the rows are as Salesforce sends them, with `attributes` and related records inside. */
export function runQuery(organization: Organization, version: string, query: Query): readonly Row[] {
  organization.definition(query.type);
  for (const path of [...(query.fields ?? []), ...fieldsIn(query.where)]) checkPath(organization, query.type, path);
  let found: readonly StoredRecord[] = organization.store
    .all(query.type)
    .filter((record) => query.where === null || holds(organization, record, query.where));
  if (query.orderBy !== null) found = sorted(organization, found, query.orderBy);
  if (query.limit !== null) found = found.slice(0, query.limit);
  return found.map((record) => (query.fields === null ? {} : project(organization, version, record, query.fields)));
}

function fieldsIn(condition: Condition | null): readonly string[] {
  if (condition === null) return [];
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(fieldsIn);
    case 'not':
      return fieldsIn(condition.part);
    case 'compare':
    case 'in':
      return [condition.field];
  }
}

function checkPath(organization: Organization, type: string, path: string): void {
  const dot = path.indexOf('.');
  const { fields } = organization.definition(type);
  if (dot < 0 && fields[path] === undefined)
    throw new ApiError(400, 'INVALID_FIELD', `\nERROR at Row:1:Column:1\nNo such column '${path}' on entity '${type}'.`);
  if (dot < 0) return;
  const relation = Object.values(fields).find((field) => field.relationship === path.slice(0, dot));
  if (relation?.target === undefined)
    throw new ApiError(
      400,
      'INVALID_FIELD',
      `\nERROR at Row:1:Column:1\nDidn't understand relationship '${path.slice(0, dot)}' in field path.`,
    );
  checkPath(organization, relation.target, path.slice(dot + 1));
}

function related(organization: Organization, record: StoredRecord, relationship: string): StoredRecord | undefined {
  const { fields } = organization.definition(record.type);
  const [name] = Object.entries(fields).find(([, field]) => field.relationship === relationship) ?? [];
  return organization.store.get(String(record.values[name ?? ''] ?? ''));
}

function valueAt(organization: Organization, record: StoredRecord | undefined, path: string): Value {
  const dot = path.indexOf('.');
  if (record === undefined) return null;
  if (dot < 0) return record.values[path] ?? null;
  return valueAt(organization, related(organization, record, path.slice(0, dot)), path.slice(dot + 1));
}

function holds(organization: Organization, record: StoredRecord, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => holds(organization, record, part));
    case 'or':
      return condition.parts.some((part) => holds(organization, record, part));
    case 'not':
      return !holds(organization, record, condition.part);
    case 'in': {
      const value = valueAt(organization, record, condition.field);
      return isAmong(value, condition.values) !== condition.negated;
    }
    case 'compare':
      return compared(valueAt(organization, record, condition.field), condition.operator, condition.value);
  }
}

/** Lists of values that were searched, as what a text is compared with: thousands of records are compared with hundreds of values. */
const searched = new WeakMap<readonly Literal[], ReadonlySet<string>>();

function isAmong(value: Value, literals: readonly Literal[]): boolean {
  if (typeof value !== 'string') return literals.some((literal) => equal(value, literal));
  const texts =
    searched.get(literals) ??
    new Set(literals.flatMap((one) => (one === null || one === '' ? [] : [folded(longId(String(one))), folded(String(one))])));
  searched.set(literals, texts);
  return texts.has(folded(value));
}

/** Texts are compared without regard to case, an empty one is null, and ids may have 15 characters. */
function equal(value: Value, literal: Literal): boolean {
  if (literal === null || literal === '') return value === null;
  if (typeof value === 'string') return folded(value) === folded(longId(String(literal))) || folded(value) === folded(String(literal));
  return value === literal;
}

function compared(value: Value, operator: string, literal: Literal): boolean {
  switch (operator) {
    case '=':
      return equal(value, literal);
    case '!=':
      return !equal(value, literal);
    case 'LIKE':
      return typeof value === 'string' && likePattern(String(literal)).test(value);
    default: {
      if (value === null || literal === null) return false;
      const order = comparable(value) < comparable(literal) ? -1 : comparable(value) > comparable(literal) ? 1 : 0;
      return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
    }
  }
}

/** Instants are compared as instants, whatever their zone; all else as text. */
function comparable(value: Literal): string {
  const text = folded(String(value));
  return /^\d{4}-\d\d-\d\dt/.test(text) ? new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).toISOString() : text;
}

function folded(text: string): string {
  return text.toLowerCase();
}

function likePattern(pattern: string): RegExp {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, 'is');
}

function sorted(organization: Organization, records: readonly StoredRecord[], by: NonNullable<Query['orderBy']>): readonly StoredRecord[] {
  const key = (record: StoredRecord): string => comparable(valueAt(organization, record, by.field) ?? '');
  const ordered = [...records].sort((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0));
  return by.descending ? ordered.reverse() : ordered;
}

function project(organization: Organization, version: string, record: StoredRecord, fields: readonly string[]): Row {
  const row: Row = { attributes: attributesOf(version, record) };
  const nested = Map.groupBy(
    fields.filter((path) => path.includes('.')),
    (path) => path.slice(0, path.indexOf('.')),
  );
  for (const path of fields) if (!path.includes('.')) row[path] = record.values[path] ?? null;
  for (const [relationship, paths] of nested) {
    const other = related(organization, record, relationship);
    const inner = paths.map((path) => path.slice(relationship.length + 1));
    row[relationship] = other === undefined ? null : project(organization, version, other, inner);
  }
  return row;
}

/** What every record of an answer carries: its type and where its row is. */
export function attributesOf(version: string, record: StoredRecord): { readonly type: string; readonly url: string } {
  return { type: record.type, url: `/services/data/v${version}/sobjects/${record.type}/${String(record.values['Id'])}` };
}
