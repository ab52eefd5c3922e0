import { matchesAtMost, type Fault, type FieldShape, type TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { changedClauses } from './changes.ts';
import type { Client } from './client.ts';
import type { SalesforceObject } from './objects.ts';
import { systemFields } from './objects.ts';
import { AdapterError } from '../../contracts/failures.ts';
import { hasBreaks, queryByJob, valueCharacters } from './query-job.ts';
import { targetRecord } from './records.ts';
import type { SalesforceRow } from './shapes.ts';
import { anyOf, quoted, select } from './soql.ts';

/**
 * Bytes of the values in one query, as they travel: in the address, encoded (an umlaut takes 6 bytes), which with all headers may have
 * 16,384 bytes (REST guide, "Query"). The rest is for the fields, the headers and the token.
 */
const valueBytes = 8_000;
/** No text that can be searched is longer (Object Reference, "Field Types"): a longer value is in no record. */
const longestText = 255;

const recordId = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;

/** Records by id, in the order asked for; what is no Salesforce id is absent, where a query would refuse it. */
export async function getByIds(client: Client, object: SalesforceObject, ids: readonly string[]): Promise<readonly TargetRecord[]> {
  const found = await findIn(
    client,
    object,
    'Id',
    ids.filter((id) => recordId.test(id)),
  );
  const byId = new Map(found.map((row) => [row.Id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined ? [] : [targetRecord(object, row, client.login.userId)];
  });
}

/** Of these records the ids of those that another user made or changed since an instant of Salesforce's clock. */
export async function touchedAmong(
  client: Client,
  object: SalesforceObject,
  ids: readonly string[],
  since: string,
): Promise<readonly string[]> {
  const own = ids.filter((id) => recordId.test(id));
  return (await findIn(client, object, 'Id', own, changedClauses(client.login.userId, since))).map(({ Id }) => Id);
}

/**
 * SOQL compares texts without regard to case, and Salesforce keeps no blanks around them: a found record is told for every key that
 * was asked for and that it answers to.
 */
export async function findByKey(
  client: Client,
  object: SalesforceObject,
  keys: readonly string[],
): Promise<readonly (TargetRecord & { readonly key: string })[]> {
  const { keyField } = object.capability;
  const asked = Map.groupBy(new Set(keys), folded);
  const found = await findIn(
    client,
    object,
    keyField,
    [...asked.keys()].filter((key) => key !== ''),
  );
  return found.flatMap((row) =>
    (asked.get(folded(row[keyField])) ?? []).map((key) => Object.assign(targetRecord(object, row, client.login.userId), { key })),
  );
}

/** A criterion without a value finds nothing: two records without a postal code are not alike for that. */
export async function findByFields(
  client: Client,
  system: string,
  object: SalesforceObject,
  criteria: readonly Fields[],
): Promise<readonly (readonly TargetRecord[])[]> {
  const stray = [...new Set(criteria.flatMap((one) => Object.keys(one)))].filter((field) => !object.fields.includes(field));
  if (stray.length > 0)
    throw new AdapterError(
      'invalidData',
      `${system}: ${object.type} records are not searched by ${stray.join(', ')}; match by ${object.fields.join(', ')}`,
      { system, operation: 'find' },
    );
  const find = async (where: string, limit: number): Promise<readonly TargetRecord[]> =>
    (await client.query(select(columns(object), object.type, where, limit))).map((row) => targetRecord(object, row, client.login.userId));
  const found = new Map<Fields, readonly TargetRecord[]>();
  const searched = criteria.flatMap((one) => {
    const where = conditionOf(one);
    return where === null ? [] : [{ one, where }];
  });
  for (const some of byLength(searched, ({ where }) => encodeURIComponent(` OR (${where})`).length, valueBytes)) {
    const limit = some.length * matchesAtMost;
    const records = await find(some.map(({ where }) => (some.length === 1 ? where : `(${where})`)).join(' OR '), limit);
    const own = some.map(({ one }) => records.filter((record) => equals(record, one)));
    // Salesforce takes texts for equal that we tell apart, and shows no more than was asked for: then each is searched for by itself.
    const isClear = records.length < limit && records.every((record) => own.some((matches) => matches.includes(record)));
    for (const [index, { one, where }] of some.entries())
      found.set(one, some.length === 1 ? records : isClear ? (own[index] ?? []).slice(0, matchesAtMost) : await find(where, matchesAtMost));
  }
  return criteria.map((one) => found.get(one) ?? []);
}

/** The condition of all the fields; null where one has no value. */
function conditionOf(criteria: Fields): string | null {
  const conditions = Object.entries(criteria).map(([field, value]) => condition(field, value));
  return conditions.length === 0 || conditions.includes(null) ? null : conditions.join(' AND ');
}

function equals({ fields }: TargetRecord, criteria: Fields): boolean {
  return Object.entries(criteria).every(([name, value]) =>
    typeof value === 'boolean' ? fields[name] === value : folded(fields[name]) === folded(value),
  );
}

export async function describeFields(client: Client, object: SalesforceObject): Promise<readonly FieldShape[]> {
  const { fields } = await client.describe(object.type);
  return fields.map((field) => ({
    name: field.name,
    required: field.createable && !field.nillable && !field.defaultedOnCreate,
    maxLength: field.length > 0 ? field.length : null,
  }));
}

/** Fields of new records that the user may not give, or that take only the values of their list. */
export async function faultsOf(
  client: Client,
  system: string,
  object: SalesforceObject,
  records: readonly { readonly key: string; readonly fields: Fields }[],
): Promise<readonly Fault[]> {
  const described = new Map((await client.describe(object.type)).fields.map((field) => [field.name, field]));
  return records.flatMap(({ key, fields }) =>
    Object.entries(fields).flatMap(([name, value]): Fault[] => {
      const field = described.get(name);
      if (field === undefined || value === null) return [];
      if (!field.createable)
        return [{ key, cause: `${system}: the user may not set ${name} of ${object.type}; give it the right to, or leave the field out` }];
      if (typeof value === 'string' && value !== value.trim())
        return [
          {
            key,
            cause: `${system}: ${name} has blanks around it, which Salesforce does not keep; take them away in its source, or read it "as: trimmed" in the mapping`,
            field: name,
          },
        ];
      const listed = (field.picklistValues ?? []) as readonly { readonly active: boolean; readonly value: string }[];
      if (!field.restrictedPicklist || listed.some((one) => one.active && one.value === value)) return [];
      return [
        {
          key,
          cause: `${system}: ${name} of ${object.type} takes only the values of its list; add the value there, or correct the mapping`,
        },
      ];
    }),
  );
}

async function findIn(
  client: Client,
  object: SalesforceObject,
  field: string,
  values: readonly string[],
  further: readonly string[] = [],
): Promise<readonly SalesforceRow[]> {
  const searched = values.filter((value) => value.length <= longestText);
  const written = (value: string): string => `${quoted(value)}, `;
  const soql = (part: readonly string[]): string => select(columns(object), object.type, [anyOf(field, part), ...further].join(' AND '));
  if (client.bulkFrom !== null && searched.length >= client.bulkFrom) {
    const statements = byLength(searched, (value) => written(value).length, valueCharacters).map(soql);
    const found = await queriedByJobs(client, object, statements);
    if (found !== null) return found;
  }
  const found: SalesforceRow[] = [];
  const parts = byLength(searched, (value) => encodeURIComponent(written(value)).length, valueBytes);
  for (let start = 0; start < parts.length; start += client.inFlight)
    found.push(...(await Promise.all(parts.slice(start, start + client.inFlight).map((part) => client.query(soql(part))))).flat());
  return found;
}

/** Rows by jobs, of which those with line breaks are read once more as a query answers them; null where a job does not tell all of its own. */
async function queriedByJobs(
  client: Client,
  object: SalesforceObject,
  statements: readonly string[],
): Promise<readonly SalesforceRow[] | null> {
  const told = await Promise.all(statements.map((soql) => queryByJob(client, object, soql)));
  if (told.includes(null)) return null;
  const found = told.flatMap((rows) => rows ?? []);
  const broken = found.filter(hasBreaks).map(({ Id }) => Id);
  if (client.bulkFrom !== null && broken.length >= client.bulkFrom) return null;
  const anew = new Map((await findIn(client, object, 'Id', broken)).map((row) => [row.Id, row]));
  return found.flatMap((row) => (hasBreaks(row) ? (anew.get(row.Id) ?? []) : [row]));
}

/** The values in parts of which each has room for `most` in one query, as they are written there. */
function byLength<T>(values: readonly T[], lengthOf: (value: T) => number, most: number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let left = 0;
  for (const value of values) {
    const length = lengthOf(value);
    if (length > left || parts.length === 0) {
      parts.push([]);
      left = most;
    }
    parts.at(-1)?.push(value);
    left -= length;
  }
  return parts;
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
