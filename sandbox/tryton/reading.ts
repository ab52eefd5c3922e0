import { UnknownName } from './errors.ts';
import type { FieldDefinition } from './schema.ts';
import { cents, plus, times } from './amounts.ts';
import type { Row, Store } from './store.ts';
import { definitionOf, stampOf } from './store.ts';
import type { Value, Values } from './value.ts';
import { decimal, decimalOf, instant, plain } from './value.ts';

/** What a field of a record holds, as Tryton's `read` answers it; relations are ids. */
export function valueOf(store: Store, model: string, row: Row, name: string): Value {
  switch (name) {
    case 'id':
      return row.id;
    case 'create_uid':
      return row.createdBy;
    case 'create_date':
      return instant(row.created);
    case 'write_uid':
      return row.writtenBy;
    case 'write_date':
      return row.written === null ? null : instant(row.written);
    case '_timestamp':
      return stampOf(row);
    case 'rec_name':
      return recordName(store, model, row);
    default:
      return fieldValue(store, model, row, name, fieldOf(model, name));
  }
}

export function fieldOf(model: string, name: string): FieldDefinition {
  const field = definitionOf(model).fields[name];
  if (field) return field;
  throw new UnknownName(name);
}

function fieldValue(store: Store, model: string, row: Row, name: string, field: FieldDefinition): Value {
  if (field.kind === 'computed') return model === 'product.product' ? templateValue(store, row, name) : amountOf(store, model, row, name);
  if (field.kind === 'one2many') return children(store, field, row.id).map((child) => child.id);
  return row.values[name] ?? null;
}

/** Records a one2many shows: active ones, by sequence (empty first), then by id. */
export function children(store: Store, field: FieldDefinition, id: number): readonly Row[] {
  const found = store
    .pointing(field.target ?? '', field.inverse ?? '', id)
    .filter((child) => store.showsInactive || child.values['active'] !== false);
  const place = (child: Row): number => Number(child.values['sequence'] ?? -1);
  return [...found].sort((left, right) => place(left) - place(right) || left.id - right.id);
}

function templateValue(store: Store, row: Row, name: string): Value {
  const template = store.row('product.template', Number(row.values['template']));
  return template?.values[name] ?? null;
}

/**
 * Line amounts are rounded one by one; taxes once for all lines with the same taxes, on what they were before rounding, those of returns apart
 * (trytond/modules/account/tax.py, `_TaxableLine._key`).
 */
function amountOf(store: Store, model: string, row: Row, name: string): Value {
  if (model === 'sale.line') return decimal(cents(lineTotal(row)));
  const lines = store.pointing('sale.line', 'sale', row.id);
  const untaxed = plus('0.00', ...lines.map((line) => cents(lineTotal(line))));
  if (name === 'untaxed_amount') return decimal(untaxed);
  const groups = Map.groupBy(lines, (line) => JSON.stringify([lineTotal(line).startsWith('-'), line.values['taxes'] ?? []]));
  const tax = plus('0.00', ...[...groups.values()].flatMap((group) => groupTaxes(store, group)));
  return decimal(name === 'tax_amount' ? tax : plus(untaxed, tax));
}

function lineTotal(line: Row): string {
  return times(decimalOf(line.values['quantity']), decimalOf(line.values['unit_price']));
}

function groupTaxes(store: Store, lines: readonly Row[]): readonly string[] {
  const base = plus('0', ...lines.map(lineTotal));
  const taxes = (lines[0]?.values['taxes'] ?? []) as number[];
  return taxes.map((id) => cents(times(base, decimalOf(store.row('account.tax', id)?.values['rate']))));
}

/** The name Tryton gives a record in its messages. */
export function recordName(store: Store, model: string, row: Row): string {
  const text = (name: string): string => (typeof row.values[name] === 'string' ? row.values[name] : '');
  switch (model) {
    case 'sale.sale': {
      const parts = [text('number'), text('reference') === '' ? '' : `[${text('reference')}]`].filter((part) => part !== '');
      return parts.length === 0 ? `(${String(row.id)})` : parts.join(' ');
    }
    case 'sale.line':
      return nameOfLine(store, row.values);
    case 'product.product': {
      const [code, name] = [text('code'), plain(templateValue(store, row, 'name'))];
      return code === '' ? name : `[${code}] ${name}`;
    }
    case 'company.company': {
      const party = store.row('party.party', Number(row.values['party']));
      return party ? recordName(store, 'party.party', party) : '';
    }
    default:
      return text('name') === '' ? `(${String(row.id)})` : text('name');
  }
}

/** The name of a line, stored or about to be: its quantity with the symbol of `Unit`, its product and its sale. */
export function nameOfLine(store: Store, { product, quantity, sale }: Values): string {
  const [item, document] = [store.row('product.product', Number(product)), store.row('sale.sale', Number(sale))];
  const parts = [decimalOf(quantity), 'u', ...(item === undefined ? [] : [recordName(store, 'product.product', item)])];
  return `${parts.join(' ')} @ ${document === undefined ? '' : recordName(store, 'sale.sale', document)}`;
}

/** Answers a `read`: the fields asked for and `id`; `a.b` comes as an object (or a list of them) under `a.`. */
export function readRow(store: Store, model: string, row: Row, names: readonly string[]): Values {
  const result: Values = { id: row.id };
  const nested = new Map<string, string[]>();
  for (const name of names) {
    const dot = name.indexOf('.');
    if (dot < 0) result[name] = valueOf(store, model, row, name);
    else nested.set(name.slice(0, dot), [...(nested.get(name.slice(0, dot)) ?? []), name.slice(dot + 1)]);
  }
  for (const [name, inner] of nested) result[`${name}.`] = readRelated(store, model, row, name, inner);
  return result;
}

function readRelated(store: Store, model: string, row: Row, name: string, inner: readonly string[]): Value {
  const target = fieldOf(model, name).target;
  if (target === undefined) throw new UnknownName(name);
  const one = (id: number): Value => {
    const related = store.row(target, id);
    return related === undefined ? null : readRow(store, target, related, inner);
  };
  const value = valueOf(store, model, row, name);
  if (Array.isArray(value)) return value.map((id) => one(Number(id)));
  return typeof value === 'number' ? one(value) : null;
}
