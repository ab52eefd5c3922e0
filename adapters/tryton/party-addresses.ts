import type { Fields } from '../../contracts/fields.ts';
import type { Address } from './address.ts';
import { addressField, addressOf, addressValues, sameAddress } from './address.ts';
import type { Reader } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { given, listField } from './row-fields.ts';
import type { Json, JsonObject } from './values.ts';

/** A place of the wanted list, and the record that takes it; null for one to be made. */
interface Place {
  readonly wanted: Address;
  readonly record: JsonObject | null;
}

/**
 * Nested verbs that make the party's addresses the row's list, in its order; undefined list: none. Sales point at address records,
 * so an address that is still wanted keeps its record whatever its place; what is left is edited in place, then made new. A surplus
 * one is deleted, or deactivated while a sale names it: Tryton would empty the sale's address without a word.
 */
export async function addressVerbs(
  fields: Fields,
  current: readonly JsonObject[],
  reader: Reader,
  lookups: Lookups,
): Promise<readonly Json[]> {
  const list = listField(fields, 'addresses');
  if (list === undefined) return [];
  const places = assign(
    list.map((item) => addressField(item, 'addresses')),
    current,
  );
  const numbered = needsNumbers(places, current);
  const verbs: Json[] = [];
  const added: JsonObject[] = [];
  for (const [index, { wanted, record }] of places.entries()) {
    const sequence = numbered ? index + 1 : undefined;
    const same = record !== null && sameAddress(addressOf(record), wanted);
    const values = { ...(same ? {} : await addressValues(wanted, reader, lookups)), ...given<Json>({ sequence }) };
    if (record === null) added.push(values);
    else if (Object.keys(values).length > 0) verbs.push(['write', [Number(record['id'])], values]);
  }
  if (added.length > 0) verbs.push(['create', added]);
  const kept = new Set(places.map((place) => place.record?.['id']));
  const surplus = current.filter((record) => !kept.has(record['id'])).map((record) => Number(record['id']));
  return [...verbs, ...(await removalVerbs(surplus, reader))];
}

function assign(wanted: readonly Address[], current: readonly JsonObject[]): readonly Place[] {
  const free = [...current];
  const take = (index: number): JsonObject | null => (index < 0 ? null : (free.splice(index, 1)[0] ?? null));
  const equal = wanted.map((address) => take(free.findIndex((record) => sameAddress(addressOf(record), address))));
  return wanted.map((address, index) => ({ wanted: address, record: equal[index] ?? take(free.length > 0 ? 0 : -1) }));
}

/** Tryton sorts by `sequence`, empty ones first, then by id: numbers are needed once the list is not in the order of making. */
function needsNumbers(places: readonly Place[], current: readonly JsonObject[]): boolean {
  if (current.some((record) => typeof record['sequence'] === 'number')) return true;
  const order = places.map(({ record }) => (record === null ? Infinity : current.indexOf(record)));
  return order.some((position, index) => index > 0 && position < (order[index - 1] ?? 0));
}

async function removalVerbs(ids: readonly number[], reader: Reader): Promise<readonly Json[]> {
  if (ids.length === 0) return [];
  const fields = ['invoice_address', 'shipment_address'];
  const sales = await reader.search('sale.sale', [['OR', ...fields.map((field) => [field, 'in', ids])]], fields);
  const used = ids.filter((id) => sales.some((sale) => fields.some((field) => sale[field] === id)));
  const unused = ids.filter((id) => !used.includes(id));
  return [...(used.length === 0 ? [] : [['write', used, { active: false }]]), ...(unused.length === 0 ? [] : [['delete', unused]])];
}
