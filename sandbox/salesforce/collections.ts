import type { SandboxReply } from '../http-server.ts';
import { assign } from './assignment.ts';
import { ApiError } from './errors.ts';
import type { Visit } from './resources.ts';
import { bodyOf } from './resources.ts';
import type { Changes } from './saving.ts';
import { checkNames, createRecord, deleteRecord, existing, updateRecord } from './saving.ts';

/** Records of one call ("sObject Collections"). */
const most = 200;

/** `POST`, `PATCH`, `DELETE` of `composite/sobjects` with allOrNone false: each record succeeds or fails alone. */
export function collection(visit: Visit): SandboxReply {
  const { organization, access, journal, request } = visit;
  if (request.method === 'DELETE') {
    const ids = (request.query.get('ids') ?? '').split(',').filter((id) => id !== '');
    checkSize(ids.length);
    return receipts(ids, (id) => {
      const record = existing(organization, typeOf(visit, id), id);
      deleteRecord(organization, access, record);
      return String(record.values['Id']);
    });
  }
  const { records, allOrNone } = bodyOf(request);
  if (!Array.isArray(records) || records.length === 0) throw new ApiError(400, 'INVALID_FIELD', 'records is required');
  if (allOrNone === true) throw new ApiError(400, 'INVALID_FIELD', 'this sandbox takes allOrNone false only');
  checkSize(records.length);
  const entries = (records as readonly Changes[]).map(entryOf);
  for (const { type, given } of entries) checkNames(organization, type, given);
  if (request.method === 'POST') {
    return receipts(entries, ({ type, given }) => {
      const record = createRecord(organization, access, type, given);
      assign(visit, record);
      journal.created(type, access.username, 1);
      return String(record.values['Id']);
    });
  }
  if (request.method !== 'PATCH') throw new ApiError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${request.method}' not allowed.`);
  return receipts(entries, ({ type, id, given }) => {
    if (id === null) throw new ApiError(400, 'MISSING_ARGUMENT', 'Id not specified in an update call');
    const record = existing(organization, type, id);
    updateRecord(organization, access, record, given);
    return String(record.values['Id']);
  });
}

function checkSize(count: number): void {
  if (count > most)
    throw new ApiError(400, 'EXCEEDED_ID_LIMIT', `record limit reached. cannot submit more than ${String(most)} records into this call`);
}

interface Entry {
  readonly type: string;
  readonly id: string | null;
  readonly given: Changes;
}

function entryOf(record: Changes): Entry {
  const { attributes, id, Id, ...given } = record;
  const type = typeof attributes === 'object' && attributes !== null && 'type' in attributes ? attributes.type : null;
  if (typeof type !== 'string') throw new ApiError(400, 'INVALID_FIELD', 'attributes.type is required for every record');
  const named = [id, Id].find((value) => typeof value === 'string');
  return { type, id: typeof named === 'string' ? named : null, given };
}

/** The type whose key prefix an id begins with. */
function typeOf({ organization }: Visit, id: string): string {
  const type = ['Account', 'Lead', 'User'].find((candidate) => id.startsWith(organization.definition(candidate).prefix));
  if (type === undefined) throw new ApiError(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  return type;
}

/** A receipt per record, in order; a record that is refused leaves the others alone. */
function receipts<Item>(items: readonly Item[], save: (item: Item) => string): SandboxReply {
  const body = items.map((item) => {
    try {
      return { id: save(item), success: true, errors: [] };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { success: false, errors: [{ statusCode: error.errorCode, message: error.message, fields: error.fields }] };
    }
  });
  return { status: 200, body };
}
