import type { WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { Address } from './address.ts';
import { addressField, addressOf, addressReads, addressValues, sameAddress } from './address.ts';
import type { Reader } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { given, listField } from './row-fields.ts';
import type { Json, JsonObject } from './values.ts';
import { objectsOf } from './values.ts';

/** A place of the wanted list, and the record that takes it; null for one to be made. `reopens`: it is inactive, and says what is wanted. */
interface Place {
  readonly wanted: Address;
  readonly record: JsonObject | null;
  readonly reopens: boolean;
}

/** What a party itself does not show of its addresses. */
export interface AddressUse {
  /** Inactive addresses, by the id of their party. */
  readonly inactive: ReadonlyMap<number, readonly JsonObject[]>;
  /** Ids of those that sales name, and of those that sales of other users name. */
  readonly used: ReadonlySet<number>;
  readonly theirs: ReadonlySet<number>;
}

/** Of addresses that are all new. */
export const unused: AddressUse = { inactive: new Map(), used: new Set(), theirs: new Set() };

/** How the addresses of these parties are used, where a row of the batch changes any; `parties` as `addressVerbs` wants them. */
export async function addressUse(reader: Reader, rows: readonly WriteRow[], parties: readonly JsonObject[]): Promise<AddressUse> {
  if (!rows.some(({ fields }) => 'addresses' in fields)) return unused;
  const ids = parties.flatMap((party) => objectsOf(party['addresses.'])).map(({ id }) => id ?? null);
  const named = ['invoice_address', 'shipment_address'];
  const where: Json = ['OR', ...named.map((field) => [field, 'in', ids])];
  const sales = ids.length === 0 ? [] : await reader.search('sale.sale', [where], [...named, 'create_uid']);
  const closed: Json = ['active', '=', false];
  const inactive = await reader.search(
    'party.address',
    [['party', 'in', parties.map(({ id }) => id ?? null)], closed],
    ['party', 'sequence', ...addressReads('')],
  );
  const namedBy = (some: readonly JsonObject[]): ReadonlySet<number> =>
    new Set(some.flatMap((sale) => named.map((field) => Number(sale[field]))));
  return {
    inactive: Map.groupBy(
      inactive.toSorted((one, other) => Number(one['id']) - Number(other['id'])),
      ({ party }) => Number(party),
    ),
    used: namedBy(sales),
    theirs: namedBy(sales.filter((sale) => sale['create_uid'] !== reader.userId)),
  };
}

/**
 * Nested verbs that make the party's addresses the row's list, in its order; undefined list: none. Sales point at address records,
 * so an address that is still wanted keeps its record whatever its place, also an inactive one where the order allows it; what is left is edited in place,
 * then made new. One that a sale of somebody else names is never edited: that sale would say another address. A surplus one is deleted, or deactivated
 * while a sale names it: Tryton would empty the sale's address without a word.
 */
export async function addressVerbs(
  fields: Fields,
  party: JsonObject,
  use: AddressUse,
  reader: Reader,
  lookups: Lookups,
): Promise<readonly Json[]> {
  const list = listField(fields, 'addresses');
  if (list === undefined) return [];
  const current = objectsOf(party['addresses.']);
  const wanted = list.map((item) => addressField(item, 'addresses'));
  const { places, isNumbered } = arranged(wanted, current, use.inactive.get(Number(party['id'])) ?? [], use);
  const verbs: Json[] = [];
  const added: JsonObject[] = [];
  for (const [index, place] of places.entries()) {
    const { record } = place;
    const values = { ...(await valuesOf(place, reader, lookups)), ...given<Json>({ sequence: isNumbered ? index + 1 : undefined }) };
    if (record === null) added.push(values);
    else if (Object.keys(values).length > 0) verbs.push(['write', [Number(record['id'])], values]);
  }
  if (added.length > 0) verbs.push(['create', added]);
  const kept = new Set(places.map(({ record }) => record?.['id']));
  const surplus = current.filter((record) => !kept.has(record['id'])).map((record) => Number(record['id']));
  return [...verbs, ...removalVerbs(surplus, use)];
}

async function valuesOf({ wanted, record, reopens }: Place, reader: Reader, lookups: Lookups): Promise<JsonObject> {
  if (reopens) return { active: true };
  return record !== null && sameAddress(addressOf(record), wanted) ? {} : addressValues(wanted, reader, lookups);
}

/** Who takes which place. Tryton takes nothing but `active` of an inactive record, no number either: where numbers are needed none is reopened. */
function arranged(
  wanted: readonly Address[],
  current: readonly JsonObject[],
  inactive: readonly JsonObject[],
  use: AddressUse,
): { readonly places: readonly Place[]; readonly isNumbered: boolean } {
  const places = assign(wanted, current, inactive, use);
  const isNumbered = needsNumbers(places, current);
  return isNumbered && places.some(({ reopens }) => reopens) ? arranged(wanted, current, [], use) : { places, isNumbered };
}

function assign(
  wanted: readonly Address[],
  current: readonly JsonObject[],
  inactive: readonly JsonObject[],
  { theirs }: AddressUse,
): readonly Place[] {
  const [free, closed] = [[...current], [...inactive]];
  const take = (from: JsonObject[], fits: (record: JsonObject) => boolean): JsonObject | null => {
    const index = from.findIndex(fits);
    return index < 0 ? null : (from.splice(index, 1)[0] ?? null);
  };
  const equal = (from: JsonObject[]): readonly (JsonObject | null)[] =>
    wanted.map((address) => take(from, (record) => sameAddress(addressOf(record), address)));
  const kept = equal(free);
  return wanted.map((address, index): Place => {
    const same = kept[index] ?? null;
    if (same !== null) return { wanted: address, record: same, reopens: false };
    const reopened = take(closed, (record) => sameAddress(addressOf(record), address));
    if (reopened !== null) return { wanted: address, record: reopened, reopens: true };
    return { wanted: address, record: take(free, ({ id }) => !theirs.has(Number(id))), reopens: false };
  });
}

/** Tryton sorts by `sequence`, empty ones first, then by id: numbers are needed once the list is not in the order of making. */
function needsNumbers(places: readonly Place[], current: readonly JsonObject[]): boolean {
  const records = places.flatMap(({ record }) => (record === null ? [] : [record]));
  if ([...current, ...records].some((record) => typeof record['sequence'] === 'number')) return true;
  const order = places.map(({ record }) => (record === null ? Infinity : Number(record['id'])));
  return order.some((position, index) => index > 0 && position < (order[index - 1] ?? 0));
}

function removalVerbs(ids: readonly number[], { used }: AddressUse): readonly Json[] {
  const [named, unnamed] = [ids.filter((id) => used.has(id)), ids.filter((id) => !used.has(id))];
  return [...(named.length === 0 ? [] : [['write', named, { active: false }]]), ...(unnamed.length === 0 ? [] : [['delete', unnamed]])];
}
