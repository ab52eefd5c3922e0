import { ApiError } from './errors.ts';
import type { Organization, Right } from './organization.ts';
import { mayDo } from './organization.ts';
import { isRecordId, longId } from './record-id.ts';
import type { FieldDefinition } from './schema.ts';
import type { StoredRecord, Value } from './store.ts';
import type { Access } from './users.ts';

export type Changes = Readonly<Record<string, unknown>>;

/** Makes a record; throws what Salesforce refuses it with. */
export function createRecord(organization: Organization, access: Access, type: string, given: Changes): StoredRecord {
  needRight(organization, access, 'create', type);
  const values = checkedValues(organization, type, given);
  const { fields } = organization.definition(type);
  const missing = Object.entries(fields).filter(([name, field]) => field.required && !field.defaulted && values[name] == null);
  if (missing.length > 0) {
    const names = missing.map(([name]) => name);
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
  }
  refuseDuplicate(organization, type, values);
  const defaults = {
    ...(fields['OwnerId'] ? { OwnerId: access.id } : {}),
    ...(fields['Status'] ? { Status: 'Open - Not Contacted' } : {}),
  };
  return organization.store.insert(type, { ...defaults, ...values }, access.id);
}

export function updateRecord(organization: Organization, access: Access, record: StoredRecord, given: Changes): void {
  needRight(organization, access, 'update', record.type);
  const values = checkedValues(organization, record.type, given);
  const { fields } = organization.definition(record.type);
  const emptied = Object.keys(values).filter((name) => values[name] === null && fields[name]?.required === true);
  if (emptied.length > 0)
    throw new ApiError(400, 'REQUIRED_FIELD_MISSING', `Required fields are missing: [${emptied.join(', ')}]`, emptied);
  const reverted = organization.settings.revertedFields ?? [];
  const kept = Object.fromEntries(Object.entries(values).filter(([name]) => !(record.type === 'Account' && reverted.includes(name))));
  organization.store.update(record, kept, access.id);
}

export function deleteRecord(organization: Organization, access: Access, record: StoredRecord): void {
  needRight(organization, access, 'delete', record.type);
  organization.store.update(record, { IsDeleted: true }, access.id);
}

/** A record that is there, by an id of 15 or 18 characters. */
export function existing(organization: Organization, type: string, id: string): StoredRecord {
  if (!isRecordId(id)) throw new ApiError(400, 'MALFORMED_ID', 'malformed id', ['Id']);
  const record = organization.store.get(longId(id));
  if (record?.type !== type) throw new ApiError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  if (record.values['IsDeleted'] === true) throw new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted');
  return record;
}

/** Refuses names the object does not have; in a list of records this refuses the whole call. */
export function checkNames(organization: Organization, type: string, given: Changes): void {
  const { fields } = organization.definition(type);
  const stray = Object.keys(given).find((name) => fields[name] === undefined);
  if (stray !== undefined) throw new ApiError(400, 'INVALID_FIELD', `No such column '${stray}' on sobject of type ${type}`);
}

function needRight(organization: Organization, access: Access, right: Right, type: string): void {
  if (mayDo(organization, access, right, type)) return;
  throw new ApiError(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');
}

function checkedValues(organization: Organization, type: string, given: Changes): Readonly<Record<string, Value>> {
  checkNames(organization, type, given);
  const { fields } = organization.definition(type);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const field = fields[name];
      if (field?.writable !== true)
        throw new ApiError(
          400,
          'INVALID_FIELD_FOR_INSERT_UPDATE',
          `Unable to create/update fields: ${name}. Please check the security settings of this field.`,
          [name],
        );
      return [name, checkedValue(organization, type, name, field, value)];
    }),
  );
}

function checkedValue(organization: Organization, type: string, name: string, field: FieldDefinition, value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (field.type === 'boolean') {
    if (typeof value === 'boolean') return value;
    throw new ApiError(400, 'JSON_PARSER_ERROR', `Cannot deserialize instance of boolean from VALUE_STRING value`);
  }
  if (typeof value !== 'string') throw new ApiError(400, 'JSON_PARSER_ERROR', `Cannot deserialize instance of ${field.type}`);
  if (field.type === 'reference') return checkedReference(organization, name, field, value);
  // Salesforce keeps no blanks around a text, no empty text, and e-mail addresses in small letters.
  const text = field.type === 'email' ? value.trim().toLowerCase() : value.trim();
  if (text.length > field.length)
    throw new ApiError(400, 'STRING_TOO_LONG', `${type} ${name}: data value too large: ${text} (max length=${String(field.length)})`, [
      name,
    ]);
  if (field.type === 'email' && text !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))
    throw new ApiError(400, 'INVALID_EMAIL_ADDRESS', `Email: invalid email address: ${text}`, [name]);
  return text === '' ? null : text;
}

function checkedReference(organization: Organization, name: string, field: FieldDefinition, value: string): string {
  if (!isRecordId(value)) throw new ApiError(400, 'MALFORMED_ID', `${name}: id value of incorrect type: ${value}`, [name]);
  const target = organization.store.get(longId(value));
  if (target === undefined || target.type !== field.target)
    throw new ApiError(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [name]);
  if (target.type === 'User' && target.values['IsActive'] !== true)
    throw new ApiError(400, 'INACTIVE_OWNER_OR_USER', `operation performed with inactive user [${longId(value)}] as owner of record`, [
      name,
    ]);
  return longId(value);
}

function refuseDuplicate(organization: Organization, type: string, values: Readonly<Record<string, Value>>): void {
  for (const rule of organization.settings.duplicateRules ?? []) {
    const [object, field = ''] = rule.split('.');
    const value = values[field] ?? null;
    if (object !== type || value === null) continue;
    if (organization.store.all(type).some((record) => record.values[field] === value))
      throw new ApiError(400, 'DUPLICATES_DETECTED', 'Use one of these records?');
  }
}
