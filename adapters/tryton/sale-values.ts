import type { WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { Address } from './address.ts';
import { addressField, addressOf, addressReads, sameAddress } from './address.ts';
import { anyActivity, type Reader } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { badRow, decimalField, given, isFields, listField, onlyKnown, priceField, recordId, textField } from './row-fields.ts';
import { lineText, wholeText } from './texts.ts';
import type { Json, JsonObject } from './values.ts';
import { dayTag, decimalTag, idText } from './values.ts';

/** Fields of a sale that a row may name. */
export const saleFields = [
  'reference',
  'party',
  'invoiceAddress',
  'shipTo',
  'saleDate',
  'currency',
  'paymentTerm',
  'description',
  'comment',
  'lines',
];
/** Fields of a line that a row may name. */
export const lineWritable = ['product', 'quantity', 'unitPrice', 'taxes', 'note'];

/** Addresses of parties and units of products that the rows of one batch name, read at once. */
export interface SaleParts {
  readonly addresses: ReadonlyMap<string, readonly JsonObject[]>;
  readonly units: ReadonlyMap<string, Json>;
}

/**
 * Reads what `saleValues` needs for these rows; `parties` are the ids of the parties of sales that exist already: such a sale may name an address that its
 * party no longer lists.
 */
export async function saleParts(reader: Reader, rows: readonly WriteRow[], parties: readonly (string | null)[]): Promise<SaleParts> {
  const partyIds = [...rows.map((row) => row.fields['party']), ...parties]
    .filter((id) => typeof id === 'string')
    .map((id) => recordId(id, 'party'));
  const products = rows.flatMap((row) => listField(row.fields, 'lines') ?? []).map((line) => recordId(line['product'], 'lines.product'));
  const found = await reader.search(
    'party.address',
    [['party', 'in', [...new Set(partyIds)]], ...(parties.length === 0 ? [] : anyActivity)],
    ['party', 'active', ...addressReads('')],
  );
  const addresses = [true, false].flatMap((active) => found.filter((row) => row['active'] === active));
  const units =
    products.length === 0
      ? []
      : await reader.search('product.product', [['id', 'in', [...new Set(products)]]], ['sale_uom', 'default_uom']);
  return {
    addresses: Map.groupBy(addresses, (row) => String(idText(row['party']))),
    units: new Map(units.map((row) => [String(idText(row['id'])), row['sale_uom'] ?? row['default_uom'] ?? null])),
  };
}

/** Header values of a row in Tryton's names; only the fields the row speaks of. Lines are apart. */
export async function saleValues(row: WriteRow, partyId: string, parts: SaleParts, reader: Reader, lookups: Lookups): Promise<JsonObject> {
  const { fields } = row;
  onlyKnown(fields, saleFields);
  const texts = saleTexts(fields);
  const currency = textField(fields, 'currency');
  const saleDate = textField(fields, 'saleDate');
  return given<Json>({
    reference: texts.reference,
    party: fields['party'] === undefined ? undefined : recordId(fields['party'], 'party'),
    invoice_address: addressId(fields, 'invoiceAddress', partyId, parts),
    shipment_address: addressId(fields, 'shipTo', partyId, parts),
    sale_date: saleDate === undefined || saleDate === null ? saleDate : dayTag(day(saleDate)),
    currency: currency === undefined ? undefined : await lookups.currency(reader, currency),
    payment_term:
      fields['paymentTerm'] === undefined || fields['paymentTerm'] === null
        ? fields['paymentTerm']
        : recordId(fields['paymentTerm'], 'paymentTerm'),
    description: texts.description,
    comment: texts.comment,
  });
}

/** The texts of a sale; refuses those that Tryton would not hold as they are. */
export function saleTexts(fields: Fields): Readonly<Record<'reference' | 'description' | 'comment', string | null | undefined>> {
  for (const line of listField(fields, 'lines') ?? []) wholeText(line, 'note', 'lines.note');
  return {
    reference: lineText(fields, 'reference'),
    description: lineText(fields, 'description'),
    comment: wholeText(fields, 'comment'),
  };
}

/** Values of one line; taxes are the whole set, given as one verb on what the line has now. */
export function lineValues(line: Fields, parts: SaleParts, currentTaxes: readonly number[]): JsonObject {
  onlyKnown(line, [...lineWritable, 'amount']);
  const product = recordId(line['product'], 'lines.product');
  const unit = parts.units.get(String(product));
  if (unit === undefined)
    throw badRow(`lines.product ${String(product)} is no active product in Tryton`, 'activate it there, or leave the line out');
  const taxes = taxIds(line);
  const surplus = currentTaxes.filter((id) => !taxes.includes(id));
  const missing = taxes.filter((id) => !currentTaxes.includes(id));
  return {
    type: 'line',
    product,
    unit,
    quantity: Number(decimalField(line['quantity'], 'lines.quantity')),
    unit_price: decimalTag(priceField(line['unitPrice'], 'lines.unitPrice')),
    note: wholeText(line, 'note', 'lines.note') ?? null,
    taxes: [...(surplus.length === 0 ? [] : [['remove', surplus]]), ...(missing.length === 0 ? [] : [['add', missing]])],
  };
}

function taxIds(line: Fields): readonly number[] {
  const taxes = line['taxes'] ?? [];
  if (!Array.isArray(taxes)) throw badRow('lines.taxes must be a list of tax ids');
  return taxes.map((id: unknown) => recordId(typeof id === 'string' ? id : null, 'lines.taxes'));
}

function addressId(fields: Fields, name: string, partyId: string, parts: SaleParts): Json | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return value;
  const wanted: Address = addressField(isFields(value) ? value : null, name);
  const found = (parts.addresses.get(partyId) ?? []).find((row) => sameAddress(addressOf(row), wanted));
  if (found === undefined) throw badRow(`${name} equals no address of the party in Tryton`, 'add the address to the party first');
  return found['id'];
}

/** A day such as 2026-03-01; refuses what is none. */
export function day(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw badRow('saleDate must be a day such as 2026-03-01');
}
