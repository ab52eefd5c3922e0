import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { Reader, Writer } from './caller.ts';
import { anyActivity } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { addressReads } from './address.ts';
import { deletePresent, readRows, setActive } from './batch.ts';
import { addressUse, addressVerbs, unused, type AddressUse } from './party-addresses.ts';
import { codeReads, codeVerbs } from './party-code.ts';
import { markerPrefix, mechanismVerbs } from './party-parts.ts';
import { badRow, given, idOf, onlyKnown, textField } from './row-fields.ts';
import { applied } from './settle.ts';
import { lineText } from './texts.ts';
import type { Json, JsonObject } from './values.ts';
import { objectsOf } from './values.ts';

const model = 'party.party';
/** Fields of a party that a row may name. */
export const partyFields = ['code', 'name', 'contactPerson', 'phone', 'fax', 'addresses'];
const childReads = [
  ...codeReads,
  'contact_mechanisms.type',
  'contact_mechanisms.value',
  'contact_mechanisms.name',
  'addresses.sequence',
  'addresses.create_uid',
  'addresses.write_uid',
  ...addressReads('addresses.'),
];

/** Creates all parties in one call: all of them or none. */
export async function createParties(writer: Writer, lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const values: JsonObject[] = [];
  for (const row of rows) {
    const code = lineText(row.fields, 'code');
    const identifiers: Json = [['create', [{ code: `${markerPrefix}${row.effectId}` }]]];
    values.push({ ...given<Json>({ code }), ...(await valuesOf(row, {}, unused, writer, lookups)), identifiers });
    nameOf(row.fields);
  }
  return applied(rows, await writer.create(model, values));
}

/** Writes all parties in one call: all of them or none. */
export async function updateParties(writer: Writer, lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const ids = rows.map(idOf);
  const current = await readRows(writer, model, ids, childReads);
  const use = await addressUse(writer, rows, current);
  const args: Json[] = [];
  for (const [index, row] of rows.entries()) {
    const present = current[index] ?? {};
    const identifiers = codeVerbs(row.fields, present);
    const values = await valuesOf(row, present, use, writer, lookups);
    args.push([ids[index] ?? 0], { ...values, ...given<Json>({ identifiers: identifiers.length === 0 ? undefined : identifiers }) });
  }
  await writer.change(
    `model.${model}.write`,
    args,
    rows.map((row) => row.stamp),
  );
  return applied(rows, ids);
}

/** Deletes all parties in one call; refused by Tryton for those that documents name. */
export function deleteParties(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return deletePresent(writer, model, rows, anyActivity, async (present) => {
    const ids = present.map(idOf);
    await writer.change(
      `model.${model}.delete`,
      [ids],
      present.map((row) => row.stamp),
    );
    return applied(present, ids);
  });
}

export function deactivateParties(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return setActive(writer, model, rows, rows.map(idOf), false);
}

export function reactivateParties(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return setActive(writer, model, rows, rows.map(idOf), true);
}

/** The name a new party must have; Tryton would take one without. */
export function nameOf(fields: Fields): string {
  const name = textField(fields, 'name')?.trim() ?? '';
  if (name === '')
    throw badRow('name is empty, and a party without a name cannot be told from another', 'give the record a name in its source');
  return name;
}

/** Refuses texts that Tryton would not hold as they are. */
export function partyTexts(fields: Fields): void {
  lineText(fields, 'code');
  lineText(fields, 'name', 'name', 'withBlanks');
}

async function valuesOf(row: WriteRow, current: JsonObject, use: AddressUse, reader: Reader, lookups: Lookups): Promise<JsonObject> {
  onlyKnown(row.fields, partyFields);
  const mechanisms = mechanismVerbs(row.fields, objectsOf(current['contact_mechanisms.']));
  const addresses = await addressVerbs(row.fields, current, use, reader, lookups);
  return given<Json>({
    name: lineText(row.fields, 'name', 'name', 'withBlanks'),
    contact_mechanisms: mechanisms.length === 0 ? undefined : mechanisms,
    addresses: addresses.length === 0 ? undefined : addresses,
  });
}
