import type { FieldShape, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { Client } from './client.ts';
import type { SalesforceObject } from './objects.ts';
import { systemFields } from './objects.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { targetRecord } from './records.ts';
import { anyOf, quoted, select } from './soql.ts';

/** Values in one query: a query travels in the address, which with all headers may have 16,384 bytes (REST guide, "Query"); a key of 40 letters takes 49. */
const valuesPerQuery = 100;
/** Records `findByFields` returns. */
const matchesWanted = 10;

const recordId = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;

/** Records by id, in the order asked for; what is no Salesforce id is absent, where a query would refuse it. */
export async function getByIds(client: Client, object: SalesforceObject, ids: readonly string[]): Promise<readonly TargetRecord[]> {
  const found = await findIn(
    client,
    object,
    'Id',
    ids.filter((id) => recordId.test(id)),
  );
  const byId = new Map(found.map((record) => [record.id, record]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** SOQL compares texts without regard to case, so a found key is told as the key that was asked for. */
export async function findByKey(
  client: Client,
  object: SalesforceObject,
  keys: readonly string[],
): Promise<readonly (TargetRecord & { readonly key: string })[]> {
  const { keyField } = object.capability;
  const asked = new Map(keys.map((key) => [folded(key), key]));
  const found = await findIn(
    client,
    object,
    keyField,
    keys.map((key) => key.trim()).filter((key) => key !== ''),
  );
  return found.flatMap((record) => {
    const key = asked.get(folded(record.fields[keyField]));
    return key === undefined ? [] : [{ ...record, key }];
  });
}

/** A criterion without a value finds nothing: two records without a postal code are not alike for that. */
export async function findByFields(
  client: Client,
  system: string,
  object: SalesforceObject,
  criteria: Fields,
): Promise<readonly TargetRecord[]> {
  const stray = Object.keys(criteria).filter((field) => !object.fields.includes(field));
  if (stray.length > 0)
    throw new AdapterError(
      'invalidData',
      `${system}: ${object.type} records are not searched by ${stray.join(', ')}; match by ${object.fields.join(', ')}`,
      { system, operation: 'find' },
    );
  const conditions = Object.entries(criteria).map(([field, value]) => condition(field, value));
  if (conditions.length === 0 || conditions.includes(null)) return [];
  const rows = await client.query(select(columns(object), object.type, conditions.join(' AND '), matchesWanted));
  return rows.map((row) => targetRecord(object, row, client.login.userId));
}

export async function describeFields(client: Client, object: SalesforceObject): Promise<readonly FieldShape[]> {
  const { fields } = await client.describe(object.type);
  return fields.map((field) => ({
    name: field.name,
    required: field.createable && !field.nillable && !field.defaultedOnCreate,
    maxLength: field.length > 0 ? field.length : null,
  }));
}

async function findIn(
  client: Client,
  object: SalesforceObject,
  field: string,
  values: readonly string[],
): Promise<readonly TargetRecord[]> {
  const records: TargetRecord[] = [];
  for (let start = 0; start < values.length; start += valuesPerQuery) {
    const rows = await client.query(select(columns(object), object.type, anyOf(field, values.slice(start, start + valuesPerQuery))));
    records.push(...rows.map((row) => targetRecord(object, row, client.login.userId)));
  }
  return records;
}

function columns(object: SalesforceObject): readonly string[] {
  return [...systemFields, ...object.fields];
}

function condition(field: string, value: Fields[string]): string | null {
  if (typeof value === 'boolean') return `${field} = ${String(value)}`;
  if (typeof value !== 'string' || value.trim() === '') return null;
  return `${field} = ${quoted(value.trim())}`;
}

function folded(value: Fields[string] | undefined): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : '';
}
