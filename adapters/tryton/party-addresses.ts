import type { WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { Address } from './address.ts';
import { addressField, addressOf, addressReads, addressValues, sameAddress } from './address.ts';
import type { Reader } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { given, listField } from './row-fields.ts';
import type { Json, JsonObject } from './values.ts';
import { instantText, objectsOf } from './values.ts';

/**
 * A place of the wanted list, and the record that takes it; null for one to be made. `reopens`: it is inactive, and says what is wanted. `sequence`: its new
 * number, where it gets one.
 */
interface Place {
  readonly wanted: Address;
  readonly record: JsonObject | null;
  readonly reopens: boolean;
  readonly sequence?: number;
}

/** What a party itself does not show of its addresses. */
export interface AddressUse {
  /** Inactive addresses, by the id of their party, those closed last first. */
  readonly inactive: ReadonlyMap<number, readonly JsonObject[]>;
  /** Ids of those that we made, nobody else worked on and no sale of somebody else names: one that another user entered, or was the last to change. */
  readonly editable: ReadonlySet<number>;
  /** Ids of those that we made, nobody else worked on and no sale names. */
  readonly deletable: ReadonlySet<number>;
  isOurs(record: JsonObject): boolean;
}

/** Of addresses that are all new. */
export const unused: AddressUse = { inactive: new Map(), editable: new Set(), deletable: new Set(), isOurs: () => true };

/** How the addresses of these parties are used, where a row of the batch changes any; `parties` as `addressVerbs` wants them. */
export async function addressUse(reader: Reader, rows: readonly WriteRow[], parties: readonly JsonObject[]): Promise<AddressUse> {
  if (!rows.some(({ fields }) => 'addresses' in fields)) return unused;
  const byUs = (uid: Json | undefined): boolean => (uid ?? reader.userId) === reader.userId;
  // One on which somebody worked holds more than is read of it, such as a name or a note.
  const isOurs = (record: JsonObject): boolean => record['create_uid'] === reader.userId && byUs(record['write_uid']);
  const active = parties.flatMap((party) => objectsOf(party['addresses.']));
  const ours = active.filter(isOurs).map(({ id }) => Number(id));
  const named = ['invoice_address', 'shipment_address'];
  const where: Json = ['OR', ...named.map((field) => [field, 'in', ours])];
  const sales = ours.length === 0 ? [] : await reader.search('sale.sale', [where], [...named, 'create_uid', 'write_uid']);
  const inactive = await reader.search(
    'party.address',
    [
      ['party', 'in', parties.map(({ id }) => id ?? null)],
      ['active', '=', false],
    ],
    ['party', 'sequence', 'create_uid', 'write_uid', 'write_date', ...addressReads('')],
  );
  const notNamedBy = (some: readonly JsonObject[]): ReadonlySet<number> => {
    const names = new Set(some.flatMap((sale) => named.map((field) => Number(sale[field]))));
    return new Set(ours.filter((id) => !names.has(id)));
  };
  return {
    inactive: Map.groupBy(inactive.toSorted(lastClosed), ({ party }) => Number(party)),
    editable: notNamedBy(sales.filter((sale) => !byUs(sale['create_uid']) || !byUs(sale['write_uid']))),
    deletable: notNamedBy(sales),
    isOurs,
  };
}

/** Of two that say the same, the one closed last is the one that a rollback has to open. */
function lastClosed(one: JsonObject, other: JsonObject): number {
  const [closed, otherClosed] = [one, other].map((record) => Date.parse(instantText(record['write_date']) ?? '') || 0);
  return (otherClosed ?? 0) - (closed ?? 0) || Number(one['id']) - Number(other['id']);
}

/**
 * Nested verbs that make the party's addresses the row's list, in its order; undefined list: none. A record that somebody else made is only opened and closed,
 * never edited, numbered nor deleted: so a rollback finds it as it was, with what is not read of it, and documents that point at it say what they said. Such
 * records take the first places of the list, as far as they say it in the order they have; what follows are our own. One of ours that is still wanted keeps its
 * record whatever its place, because sales point at it; what is left over is edited in place, but not where a sale of somebody else names it: that sale
 * would say another address. What is still missing is made new. A surplus one of ours is deleted, or deactivated while a sale names it: Tryton would empty
 * the sale's address without a word.
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
  const places = arranged(wanted, current, use.inactive.get(Number(party['id'])) ?? [], use);
  const verbs: Json[] = [];
  const added: JsonObject[] = [];
  for (const place of places) {
    const { record, sequence } = place;
    const values = { ...(await valuesOf(place, reader, lookups)), ...given<Json>({ sequence }) };
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

/** Who takes which place. */
function arranged(
  wanted: readonly Address[],
  current: readonly JsonObject[],
  inactive: readonly JsonObject[],
  use: AddressUse,
): readonly Place[] {
  const [active, closed] = [current, inactive].map((records) =>
    Object.groupBy(records, (record) => (use.isOurs(record) ? 'ours' : 'theirs')),
  );
  const first = theirPlaces(wanted, active?.theirs ?? [], closed?.theirs ?? []);
  const rest = wanted.slice(first.length);
  const places = [...first, ...ourPlaces(rest, active?.ours ?? [], closed?.ours ?? [], use)];
  if (isOrdered(places)) return places;
  // Tryton takes nothing but `active` of an inactive record, no number either.
  const last = first.at(-1);
  const offset = 1 + ((last && numberOf(last)) ?? 0);
  const ours = ourPlaces(rest, active?.ours ?? [], [], use);
  return [...first, ...ours.map((place, index) => ({ ...place, sequence: offset + index }))];
}

function theirPlaces(wanted: readonly Address[], active: readonly JsonObject[], closed: readonly JsonObject[]): readonly Place[] {
  const places: Place[] = [];
  const free = [...active, ...closed].map((record) => ({ record, reopens: closed.includes(record) }));
  for (const address of wanted) {
    const fits = free.filter(({ record }) => sameAddress(addressOf(record), address)).map((one): Place => ({ ...one, wanted: address }));
    const next = fits.find((place) => !places.some(({ record }) => record === place.record) && isOrdered([...places, place]));
    if (next === undefined) break;
    places.push(next);
  }
  return places;
}

function ourPlaces(
  wanted: readonly Address[],
  current: readonly JsonObject[],
  inactive: readonly JsonObject[],
  { editable }: AddressUse,
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
    return { wanted: address, record: take(free, ({ id }) => editable.has(Number(id))), reopens: false };
  });
}

/** Tryton sorts by `sequence`, empty ones first, then by id. */
function isOrdered(places: readonly Place[]): boolean {
  const orders = places.map((place) => [numberOf(place) ?? -Infinity, Number(place.record?.['id'] ?? Infinity)] as const);
  return orders.every(([number, id], index) => {
    const [numberBefore, idBefore] = orders[index - 1] ?? [-Infinity, -Infinity];
    return number > numberBefore || (number === numberBefore && id >= idBefore);
  });
}

function numberOf({ record, sequence }: Place): number | null {
  const number = sequence ?? record?.['sequence'];
  return typeof number === 'number' ? number : null;
}

function removalVerbs(ids: readonly number[], { deletable }: AddressUse): readonly Json[] {
  const [kept, gone] = [ids.filter((id) => !deletable.has(id)), ids.filter((id) => deletable.has(id))];
  return [...(kept.length === 0 ? [] : [['write', kept, { active: false }]]), ...(gone.length === 0 ? [] : [['delete', gone]])];
}
