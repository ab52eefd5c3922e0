import { search } from './domain.ts';
import { HttpRefusal } from './errors.ts';
import { fieldOf, readRow, recordName } from './reading.ts';
import type { Button } from './sale-buttons.ts';
import { press } from './sale-buttons.ts';
import type { Store } from './store.ts';
import { definitionOf } from './store.ts';
import type { User } from './users.ts';
import { hasRight, needRight } from './users.ts';
import type { Value, Values } from './value.ts';
import { plain } from './value.ts';
import type { Act } from './writing.ts';
import { createRecord, deleteRecord, existing, writeRecord } from './writing.ts';

const buttons: readonly string[] = ['draft', 'quote', 'confirm', 'cancel'] satisfies Button[];

/** Answers `model.<model>.<method>`; `args` without the context. Throws Tryton's refusals, 403 for a method that is not offered. */
export function callModel(
  act: Act,
  model: string,
  method: string,
  args: readonly Value[],
  autoInvoice: (reference: string) => boolean,
): Value {
  if (model === 'res.user' && method === 'get_preferences') return preferences(act.store, act.user);
  if (model === 'ir.model.access' && method === 'get_access') return access(act.user, args[0] ?? []);
  definitionOf(model);
  if (model === 'sale.sale' && buttons.includes(method)) {
    needRight(act.user, model, 'write');
    press(act, method as Button, numbers(args[0]), autoInvoice);
    return null;
  }
  return callStorage(act, model, method, args);
}

function callStorage(act: Act, model: string, method: string, args: readonly Value[]): Value {
  const { store, user } = act;
  switch (method) {
    case 'search_read':
      needRight(user, model, 'read');
      return page(search(store, model, args[0] ?? []), args).map((row) => readRow(store, model, row, texts(args[4])));
    case 'search':
      needRight(user, model, 'read');
      return page(search(store, model, args[0] ?? []), args).map((row) => row.id);
    case 'search_count':
      needRight(user, model, 'read');
      return search(store, model, args[0] ?? []).length;
    case 'read':
      needRight(user, model, 'read');
      return numbers(args[0]).map((id) => readRow(store, model, existing(store, model, id, 'read'), texts(args[1])));
    case 'fields_get':
      return Object.fromEntries(fieldNames(model, args[0]).map((name) => [name, definition(store, model, name)]));
    case 'create':
      return (args[0] as Values[]).map((values) => createRecord(act, model, values));
    case 'write':
      for (let index = 0; index + 1 < args.length; index += 2)
        for (const id of numbers(args[index])) writeRecord(act, model, id, args[index + 1] as Values);
      return null;
    case 'delete':
      for (const id of numbers(args[0])) deleteRecord(act, model, id);
      return null;
    default:
      throw new HttpRefusal(403, 'Forbidden');
  }
}

/** The fields asked for; as in Tryton, an empty list stands for all of them. */
function fieldNames(model: string, names: Value | undefined): readonly string[] {
  const asked = texts(names);
  return asked.length === 0 ? Object.keys(definitionOf(model).fields) : asked;
}

/** The part of a field's definition that the product asks for; Tryton leaves a size out where a field has none. */
function definition(store: Store, model: string, name: string): Values {
  const { label, kind, required, options } = fieldOf(model, name);
  const size = store.sizes.get(`${model}.${name}`);
  const selection = options === undefined ? {} : { selection: options.map((option) => [option, option]) };
  return { string: label, name, type: kind, required: required === true, ...selection, ...(size === undefined ? {} : { size }) };
}

/** Offset and limit of a search, its second and third argument. */
function page<Item>(found: readonly Item[], args: readonly Value[]): Item[] {
  const offset = Number(args[1] ?? 0);
  return found.slice(offset, typeof args[2] === 'number' ? offset + args[2] : undefined);
}

function numbers(value: Value | undefined): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}

function texts(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(plain) : [];
}

function preferences(store: Store, user: User): Value {
  const [company] = store.rows('company.company');
  const name = company === undefined ? null : recordName(store, 'company.company', company);
  return {
    company: company?.id ?? null,
    'company.rec_name': name,
    language: 'en',
    administrator: user.administrator,
    groups: user.groups.map((group) => (group === 'product' ? 8 : 14)),
  };
}

function access(user: User, models: Value): Value {
  const rights = ['read', 'write', 'create', 'delete'] as const;
  return Object.fromEntries(
    texts(models).map((model) => [model, Object.fromEntries(rights.map((right) => [right, hasRight(user, model, right)]))]),
  );
}
