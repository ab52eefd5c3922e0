import type { SandboxReply, SandboxRequest } from '../http-server.ts';
import type { Journal } from '../journal.ts';
import { assign } from './assignment.ts';
import { ApiError } from './errors.ts';
import type { Organization } from './organization.ts';
import { mayDo } from './organization.ts';
import { attributesOf } from './querying.ts';
import type { Changes } from './saving.ts';
import { createRecord, deleteRecord, existing, updateRecord } from './saving.ts';
import type { StoredRecord } from './store.ts';
import { etagOf } from './store.ts';
import type { Access } from './users.ts';

/** One call as one user to one organization. */
export interface Visit {
  readonly organization: Organization;
  readonly journal: Journal;
  readonly access: Access;
  readonly version: string;
  readonly request: SandboxRequest;
}

/** The object of a request's body. */
export function bodyOf(request: SandboxRequest): Changes {
  try {
    const body: unknown = JSON.parse(request.body);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Changes;
  } catch {
    // Told below, as any other body that is no object.
  }
  throw new ApiError(400, 'JSON_PARSER_ERROR', 'Unexpected character or end of input');
}

/** `POST sobjects/<type>`: one new record. */
export function postRow(visit: Visit, type: string): SandboxReply {
  const record = createRecord(visit.organization, visit.access, type, bodyOf(visit.request));
  assign(visit, record);
  visit.journal.created(type, visit.access.username, 1);
  return { status: 201, body: { id: record.values['Id'], success: true, errors: [] } };
}

/** `GET`, `PATCH`, `DELETE` of `sobjects/<type>/<id>`. */
export function row(visit: Visit, type: string, id: string): SandboxReply {
  const { organization, access, request } = visit;
  organization.definition(type);
  const record = existing(organization, type, id);
  switch (request.method) {
    case 'GET':
      return getRow(visit, record);
    case 'PATCH': {
      checkPrecondition(visit, record);
      updateRecord(organization, access, record, bodyOf(request));
      return { status: 204 };
    }
    case 'DELETE':
      deleteRecord(organization, access, record);
      return { status: 204 };
    default:
      throw new ApiError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${request.method}' not allowed. Allowed are HEAD,GET,PATCH,DELETE`);
  }
}

function getRow({ organization, access, version, request }: Visit, record: StoredRecord): SandboxReply {
  if (!mayDo(organization, access, 'read', record.type)) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  const { fields, etag } = organization.definition(record.type);
  const names = request.query.get('fields')?.split(',') ?? Object.keys(fields);
  const stray = names.find((name) => fields[name] === undefined);
  if (stray !== undefined) throw new ApiError(400, 'INVALID_FIELD', `No such column '${stray}' on sobject of type ${record.type}`);
  const values = Object.fromEntries(names.map((name) => [name, record.values[name] ?? null]));
  return {
    status: 200,
    headers: etag ? { etag: etagOf(record) } : {},
    body: { attributes: attributesOf(version, record), ...values, Id: record.values['Id'] },
  };
}

/** `If-Match` lists ETags; the header has no effect but on Account, and one that is no list of ETags is a bad request. */
function checkPrecondition({ organization, request }: Visit, record: StoredRecord): void {
  const header = request.headers['if-match'];
  if (header === undefined || !organization.definition(record.type).etag) return;
  if (!/^"[^"]+"(\s*,\s*"[^"]+")*$/.test(header)) throw new ApiError(400, 'INVALID_HEADER', 'invalid If-Match header');
  if (!header.split(/\s*,\s*/).includes(etagOf(record)))
    throw new ApiError(412, 'PRECONDITION_FAILED', 'the record has another ETag by now');
}

/** `GET sobjects/<type>/describe`: flags as this user's rights make them. */
export function describe({ organization, access }: Visit, type: string): SandboxReply {
  const { fields, prefix } = organization.definition(type);
  const may = (right: 'read' | 'create' | 'update' | 'delete'): boolean => mayDo(organization, access, right, type);
  if (!may('read')) throw new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
  const described = Object.entries(fields).map(([name, field]) => ({
    ...{ name, label: name, type: field.type, length: field.length, custom: name.endsWith('__c'), filterable: field.type !== 'textarea' },
    picklistValues: (organization.settings.picklists?.[`${type}.${name}`] ?? []).map((value) => ({ value, label: value, active: true })),
    restrictedPicklist: field.type === 'picklist' && type === 'Account',
    ...{ nillable: !field.required, defaultedOnCreate: field.defaulted },
    ...{ createable: field.writable && may('create'), updateable: field.writable && may('update') },
    ...{ referenceTo: field.target === undefined ? [] : [field.target], relationshipName: field.relationship ?? null },
  }));
  return {
    status: 200,
    body: {
      ...{ name: type, label: type, keyPrefix: prefix, fields: described },
      ...{ queryable: may('read'), createable: may('create'), updateable: may('update'), deletable: may('delete') },
    },
  };
}
