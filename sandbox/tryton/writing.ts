import { ConcurrencyException, UserError } from './errors.ts';
import { fieldOf, nameOfLine, recordName } from './reading.ts';
import { checkRecord, checkWritable, defaultsOf } from './rules.ts';
import { schema } from './schema.ts';
import type { Row, Store } from './store.ts';
import { definitionOf, stampOf } from './store.ts';
import type { User } from './users.ts';
import { needRight } from './users.ts';
import type { Value, Values } from './value.ts';
import { plain } from './value.ts';
import { checkedValue, sized } from './values-check.ts';

/** One call by one user. `stamps` are the records it expects unchanged, each checked at its first change. */
export interface Act {
  readonly store: Store;
  readonly user: User;
  readonly stamps: Map<string, string>;
  /** Counts records made, by model, for the journal. */
  readonly created: Map<string, number>;
}

export function createRecord(act: Act, model: string, given: Values): number {
  needRight(act.user, model, 'create');
  checkWritable(act.store, act.user, model, null, given);
  const values = { ...defaultsOf(act.store, model, given), ...given };
  const { own, nested } = split(act.store, model, values, values);
  const row = act.store.insert(model, own, act.user.id);
  act.created.set(model, (act.created.get(model) ?? 0) + 1);
  for (const [name, verbs] of nested) applyVerbs(act, model, row.id, name, verbs);
  checkRecord(act.store, model, row.id);
  return row.id;
}

/** Changes a record from outside; fields that its state closes are refused. */
export function writeRecord(act: Act, model: string, id: number, given: Values): void {
  needRight(act.user, model, 'write');
  const row = existing(act.store, model, id, 'write to');
  checkWritable(act.store, act.user, model, row, given);
  changeRecord(act, model, id, given);
  checkRecord(act.store, model, id);
}

/** Changes a record as Tryton's own code does: stamps are checked, states are not. */
export function changeRecord(act: Act, model: string, id: number, given: Values): void {
  const row = existing(act.store, model, id, 'write to');
  checkStamp(act, model, row);
  const { own, nested } = split(act.store, model, given, { ...row.values, ...given });
  act.store.update(model, id, own, act.user.id);
  for (const [name, verbs] of nested) applyVerbs(act, model, id, name, verbs);
}

/** Deletes a record with what hangs on it; one that is gone already is no error. */
export function deleteRecord(act: Act, model: string, id: number): void {
  needRight(act.user, model, 'delete');
  const row = act.store.row(model, id);
  if (row === undefined) return;
  if (model === 'sale.sale' && row.values['state'] !== 'draft' && row.values['state'] !== 'cancelled') {
    throw new UserError(`To delete sale "${recordName(act.store, model, row)}" you must cancel it.`);
  }
  if (model === 'sale.line') checkLineDelete(act.store, row);
  removeRecord(act, model, row);
}

function removeRecord(act: Act, model: string, row: Row): void {
  checkStamp(act, model, row);
  const pointers = Object.entries(schema).flatMap(([other, { fields }]) =>
    Object.entries(fields).flatMap(([name, field]) =>
      field.kind === 'many2one' && field.target === model ? [{ other, name, field }] : [],
    ),
  );
  for (const { other, name, field } of pointers.filter((pointer) => pointer.field.onDelete === undefined)) {
    for (const pointing of act.store.pointing(other, name, row.id)) emptied(act, other, pointing, name, field.label);
  }
  for (const { other, name } of pointers.filter((pointer) => pointer.field.onDelete === 'cascade')) {
    for (const pointing of act.store.pointing(other, name, row.id)) removeRecord(act, other, pointing);
  }
  const holding = pointers.find(
    ({ other, name, field }) => field.onDelete === 'restrict' && act.store.pointing(other, name, row.id).length > 0,
  );
  if (holding)
    throw new UserError(
      `The records could not be deleted because they are used by field "${holding.field.label}" of "${definitionOf(holding.other).label}".`,
    );
  act.store.remove(model, row.id);
}

/** A pointer to a deleted record is emptied, unless the record that holds it needs it in its state. */
function emptied(act: Act, model: string, row: Row, name: string, label: string): void {
  const open = ['draft', 'quotation', 'cancelled'].includes(plain(row.values['state']));
  if (model === 'sale.sale' && name === 'invoice_address' && !open) {
    throw new UserError(
      `A value is required for field "${label}" in record "${recordName(act.store, model, row)}" of "${definitionOf(model).label}".`,
    );
  }
  act.store.update(model, row.id, { [name]: null }, act.user.id);
}

function checkLineDelete(store: Store, line: Row): void {
  const sale = store.row('sale.sale', Number(line.values['sale']));
  if (sale === undefined || sale.values['state'] === 'draft' || sale.values['state'] === 'cancelled') return;
  throw new UserError(
    `To delete line "(${String(line.id)})" you must cancel or reset to draft sale "${recordName(store, 'sale.sale', sale)}".`,
  );
}

function checkStamp(act: Act, model: string, row: Row): void {
  const key = `${model},${String(row.id)}`;
  const expected = act.stamps.get(key);
  act.stamps.delete(key);
  if (expected !== undefined && expected !== stampOf(row)) throw new ConcurrencyException('Records were modified in the meanwhile');
}

export function existing(store: Store, model: string, id: number, doing: string): Row {
  const row = store.row(model, id);
  if (row) return row;
  throw new UserError(`You are trying to ${doing} records "${String(id)}" of "${definitionOf(model).label}" that don't exist.`);
}

/** Own values, checked by kind and refused by the name of the `whole` record, apart from the verbs for records below. */
function split(
  store: Store,
  model: string,
  values: Values,
  whole: Values,
): { readonly own: Values; readonly nested: readonly [string, Value][] } {
  const record = model === 'sale.line' ? nameOfLine(store, whole) : '()';
  const own: Values = {};
  const nested: [string, Value][] = [];
  for (const [name, value] of Object.entries(values)) {
    const field = fieldOf(model, name);
    if (field.kind === 'one2many' || field.kind === 'many2many') nested.push([name, value]);
    else own[name] = sized(checkedValue(store, model, field, value, record), model, field, store.sizes.get(`${model}.${name}`));
  }
  return { own, nested };
}

/** `create`, `write` and `delete` of records below; `add` and `remove` of references. */
function applyVerbs(act: Act, model: string, id: number, name: string, verbs: Value): void {
  const field = fieldOf(model, name);
  for (const verb of Array.isArray(verbs) ? verbs : []) {
    const [action, ...args] = Array.isArray(verb) ? verb : [];
    const ids = (Array.isArray(args[0]) ? args[0] : []).map(Number);
    if (field.kind === 'many2many') {
      refer(act, model, id, name, action === 'add', ids);
      continue;
    }
    const target = field.target ?? '';
    if (action === 'create') for (const item of args[0] as Values[]) createRecord(act, target, { ...item, [field.inverse ?? '']: id });
    if (action === 'write') for (const child of ids) writeRecord(act, target, child, args[1] as Values);
    if (action === 'delete') for (const child of ids) deleteRecord(act, target, child);
  }
}

function refer(act: Act, model: string, id: number, name: string, add: boolean, ids: readonly number[]): void {
  const before = (act.store.row(model, id)?.values[name] ?? []) as number[];
  const known = ids.every((reference) => act.store.row(fieldOf(model, name).target ?? '', reference) !== undefined);
  if (add && !known) throw new UserError('A tax can be added only once to a sale line.');
  const kept = before.filter((reference) => !ids.includes(reference));
  act.store.update(model, id, { [name]: add ? [...kept, ...ids].sort((left, right) => left - right) : kept }, act.user.id);
}
