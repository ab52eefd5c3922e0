import { UnknownName } from './errors.ts';
import { fieldOf, valueOf } from './reading.ts';
import type { Row, Store } from './store.ts';
import { definitionOf } from './store.ts';
import type { Value } from './value.ts';
import { plain, sortable } from './value.ts';

/** Records that satisfy a search domain, by id. Inactive ones are hidden where the domain does not speak of `active`. */
export function search(store: Store, model: string, domain: Value): readonly Row[] {
  const whole = 'active' in definitionOf(model).fields && !store.showsInactive ? hidingInactive(domain) : domain;
  const found = [...store.rows(model)].filter((row) => holds(store, model, row, whole));
  return found.sort((left, right) => left.id - right.id);
}

/** A clause that only active records satisfy. */
const shown: Value = ['active', '=', true];

/**
 * Tryton hides inactive records in each list of a domain by itself: in one that begins with `OR` unless a clause of its own, not one further
 * in, speaks of `active`. A list inside a list of the same kind counts as part of it.
 */
function hidingInactive(domain: Value): Value {
  const [operator, ...parts] = joined(domain);
  const list: Value[] = [operator, ...parts.map((part) => (isClause(part) ? part : hidingInactive(part)))];
  if (parts.some((part) => isClause(part) && part[0] === 'active')) return list;
  return operator === 'AND' ? [...list, shown] : ['AND', list, shown];
}

function joined(domain: Value): [string, ...Value[]] {
  const [first, ...rest] = Array.isArray(domain) ? domain : [];
  const operator = first === 'OR' ? 'OR' : 'AND';
  const parts = first === 'OR' || first === 'AND' ? rest : first === undefined ? [] : [first, ...rest];
  return [
    operator,
    ...parts.flatMap((part): Value[] => {
      if (isClause(part)) return [part];
      const [inner, ...nested] = joined(part);
      return inner === operator ? nested : [[inner, ...nested]];
    }),
  ];
}

function isClause(part: Value): part is Value[] {
  return Array.isArray(part) && typeof part[0] === 'string' && part[0] !== 'OR' && part[0] !== 'AND';
}

/** A variant counts as inactive with its template. */
function isActive(store: Store, model: string, row: Row): boolean {
  if (row.values['active'] === false) return false;
  return model !== 'product.product' || store.row('product.template', Number(row.values['template']))?.values['active'] !== false;
}

/** A domain is a list of clauses that must all hold, or one that begins with `OR` of which one must. */
function holds(store: Store, model: string, row: Row, domain: Value): boolean {
  if (domain === shown) return isActive(store, model, row);
  if (!Array.isArray(domain)) return false;
  const [head, ...rest] = domain;
  if (head === 'OR') return rest.some((part) => holds(store, model, row, part));
  if (head === 'AND') return rest.every((part) => holds(store, model, row, part));
  if (typeof head === 'string') return clauseHolds(store, model, row, head, plain(domain[1]), domain[2] ?? null);
  return domain.every((part) => holds(store, model, row, part));
}

function clauseHolds(store: Store, model: string, row: Row, path: string, operator: string, wanted: Value): boolean {
  const dot = path.indexOf('.');
  const name = dot < 0 ? path : path.slice(0, dot);
  const value = valueOf(store, model, row, name);
  if (dot < 0 && operator !== 'where') return compare(operator, value, wanted);
  const target = fieldOf(model, name).target;
  if (target === undefined) throw new UnknownName(path);
  const related = (Array.isArray(value) ? value : [value]).flatMap((id) => store.row(target, Number(id)) ?? []);
  const inner: Value = dot < 0 ? wanted : [path.slice(dot + 1), operator, wanted];
  return related.some((other) => holds(store, target, other, inner));
}

function compare(operator: string, value: Value, wanted: Value): boolean {
  switch (operator) {
    case '=':
      return sortable(value) === sortable(wanted);
    case '!=':
      return sortable(value) !== sortable(wanted);
    case 'in':
      return Array.isArray(wanted) && includes(wanted, value);
    case 'not in':
      return Array.isArray(wanted) && !includes(wanted, value);
    case 'ilike':
      return typeof value === 'string' && likeExpression(plain(wanted)).test(value);
    default:
      return ordered(operator, sortable(value), sortable(wanted));
  }
}

/** Lists of a domain as sets, made once for all records compared with them. */
const sets = new WeakMap<readonly Value[], ReadonlySet<string | number | null>>();

function includes(list: readonly Value[], value: Value): boolean {
  const wanted = sets.get(list) ?? new Set(list.map(sortable));
  sets.set(list, wanted);
  return Array.isArray(value) ? value.some((item) => wanted.has(sortable(item))) : wanted.has(sortable(value));
}

function ordered(operator: string, left: string | number | null, right: string | number | null): boolean {
  if (left === null || right === null) return false;
  switch (operator) {
    case '>=':
      return left >= right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '<':
      return left < right;
    default:
      throw new UnknownName(operator);
  }
}

/** SQL's LIKE, whatever the case: `%` any text, `_` any sign, a backslash takes the next sign literally. */
function likeExpression(pattern: string): RegExp {
  const parts = pattern.match(/\\.|[^\\]/gsu) ?? [];
  const source = parts.map((part) =>
    part === '%' ? '.*' : part === '_' ? '.' : (part.length > 1 ? part.slice(1) : part).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`, 'isu');
}
