import type { FailureKind } from '../../contracts/failures.ts';
import { AdapterError } from '../../contracts/failures.ts';
import type { HttpReply, RetryAfter } from '../http.ts';
import { retryAfter } from '../http.ts';

/** What a call was about, for the words of its failure. */
export interface Subject {
  readonly system: string;
  readonly operation: string;
  /** The call may change records. */
  readonly writes: boolean;
}

/** Salesforce's own error codes (REST API Developer Guide, "Status Codes and Error Responses"; SOAP API, "StatusCode"), by kind. */
const codes: Readonly<Record<FailureKind, string>> = {
  // About the login, its user or the licence: nothing of the record was judged.
  auth: `INVALID_SESSION_ID INVALID_LOGIN API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED LOGIN_DURING_RESTRICTED_TIME LOGIN_DURING_RESTRICTED_DOMAIN
    LOGIN_MUST_USE_SECURITY_TOKEN PASSWORD_LOCKOUT INVALID_OPERATION_WITH_EXPIRED_PASSWORD INSUFFICIENT_ACCESS_API ORG_LOCKED
    ORGANIZATION_SUSPENDED TXN_SECURITY_NO_ACCESS TXN_SECURITY_RUNTIME_EXCEPTION MUTUAL_AUTHENTICATION_FAILED UNSUPPORTED_CLIENT
    CLIENT_NOT_ACCESSIBLE_FOR_USER CLIENT_REQUIRE_UPDATE_FOR_USER UNKNOWN_ORG_EXCEPTION`,
  // About the organization: it has no room, no time or no licence left, whatever the record.
  unavailable: `SERVER_UNAVAILABLE UNKNOWN_EXCEPTION QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG STORAGE_LIMIT_EXCEEDED LICENSE_LIMIT_EXCEEDED
    FUNCTIONALITY_TEMPORARILY_UNAVAILABLE FUNCTIONALITY_NOT_ENABLED LIMIT_EXCEEDED ASYNC_APEX_LIMIT_EXCEEDED APEX_LIMIT_EXCEEDED
    ALL_OR_NONE_OPERATION_ROLLED_BACK BATCH_PROCESSING_HALTED PROCESSING_HALTED OPERATION_TOO_LARGE QUERY_TOO_COMPLICATED
    CONNECTION_INVALID GACK EMAIL_NOT_PROCESSED_DUE_TO_PRIOR_ERROR`,
  throttled: `REQUEST_LIMIT_EXCEEDED TXN_SECURITY_METERING_ERROR TOO_MANY_APEX_REQUESTS LOGIN_RATE_EXCEEDED CONCURRENT_REQUESTS_LIMIT_EXCEEDED
    DAILY_REQUEST_LIMIT_EXCEEDED`,
  locked: 'UNABLE_TO_LOCK_ROW MERGE_FAILED_LOCK',
  // Held by an approval process until a person decides, so no lock that is soon gone; or a right that the record itself does not give.
  unsupported: `ENTITY_IS_LOCKED INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY`,
  duplicate: 'DUPLICATES_DETECTED DUPLICATE_VALUE DUPLICATE_EXTERNAL_ID',
  notFound: 'ENTITY_IS_DELETED NOT_FOUND INVALID_CROSS_REFERENCE_KEY INVALID_TYPE',
  conflict: 'PRECONDITION_FAILED',
  ambiguous: '',
  invalidData: '',
  silentNoOp: '',
};
const kinds: ReadonlyMap<string, FailureKind> = new Map(
  Object.entries(codes).flatMap(([kind, names]) => names.split(/\s+/).map((name): [string, FailureKind] => [name, kind as FailureKind])),
);

/** Codes whose remedy is another than that of their kind. */
const ownRemedies: Readonly<Record<string, string>> = {
  STORAGE_LIMIT_EXCEEDED: 'the organization has no storage left; delete data or buy storage, then go on',
  LICENSE_LIMIT_EXCEEDED: 'the organization has no licence left for it; free one or buy one, then go on',
  FUNCTIONALITY_NOT_ENABLED: 'the organization has not switched this on; have its administrator do so, then go on',
};

/** Statuses that mean the same whoever answers with them; any other says something only in the vendor's own words. */
const kindsByStatus: Readonly<Record<number, FailureKind>> = { 401: 'auth', 412: 'conflict', 423: 'locked' };

const remedies: Readonly<Record<FailureKind, string>> = {
  auth: 'check the connected app, its user and the rights of that user',
  notFound: 'the record or object is gone or was never there',
  conflict: 'someone changed the record since it was read; read it again',
  duplicate: 'a record with this value or a matching one is there already',
  ambiguous: 'several records fit; name one',
  throttled: 'the organization has used up its API requests; try again later',
  locked: 'someone else holds the record; try again',
  unavailable: 'try again later',
  invalidData: 'correct the field in the mapping or the record in its source',
  unsupported: 'give the user of the connected app the right to do this, or leave the record to a person',
  silentNoOp: 'look for a rule or trigger in the organization that takes the value back',
};

/** The login itself is refused or the session is dead: nothing of the call was looked at. A missing right on one record is no such thing. */
export class EntranceRefused extends AdapterError {}

/** One error as Salesforce words it: in a failed reply, and in the receipt of a row. */
export interface VendorError {
  readonly code: string;
  readonly fields: readonly string[];
  /** What a refused login says beside its code; null for anything else, whose sentences may quote records. */
  readonly description: string | null;
}

/**
 * A refused reply as AdapterError. Salesforce's sentences can quote values of records, so only its code and the names of the fields
 * are passed on. 500 says nothing about whether a write was applied, and neither does a page that is not Salesforce's: a 404 of
 * something in between must not make a record gone.
 */
export function replyFailure(subject: Subject, { status, text, headers }: HttpReply): AdapterError {
  const errors = vendorErrors(text);
  const [first] = errors;
  const wait = retryAfter(headers);
  if (status >= 500)
    return refusal(subject, 'unavailable', { code: `status ${String(status)}`, fields: [] }, { unknownOutcome: subject.writes, ...wait });
  const code = first?.code ?? `status ${String(status)}`;
  if (status === 401) {
    const sentence = `${subject.system}: Salesforce refused ${subject.operation} with ${code}; ${remedies.auth}`;
    return new EntranceRefused('auth', sentence, subject);
  }
  const kind = (first === undefined ? undefined : kindOf(first)) ?? kindsByStatus[status] ?? (first === undefined ? null : 'invalidData');
  if (kind === null) return strangeAnswer(subject, status);
  return refusal(subject, kind, { code, fields: errors.flatMap((error) => error.fields) }, wait);
}

/** Codes of a refused login that another try may cure (OAuth 2.0, section 4.1.2.1, and Salesforce's own `unknown_error`: "retry"). */
const passingLoginErrors = new Set(['unknown_error', 'server_error', 'temporarily_unavailable']);

/**
 * A refused login, in the vendor's own words: they speak of apps and users, never of records. Whatever they are, it is the login that
 * was refused, or Salesforce could not judge it.
 */
export function loginFailure(subject: Subject, { status, text, headers }: HttpReply): AdapterError {
  const [first] = vendorErrors(text);
  if (status >= 500 || first === undefined) return replyFailure(subject, { status, text, headers });
  const words = `${first.code}${first.description === null ? '' : ` (${first.description})`}`;
  const sentence = (remedy: string): string => `${subject.system}: Salesforce refused the ${subject.operation} with ${words}; ${remedy}`;
  const facts = { system: subject.system, operation: subject.operation, ...retryAfter(headers) };
  if (/rate exceeded/i.test(words))
    return new AdapterError('throttled', sentence('it takes no more logins for now; try again later'), facts);
  if (passingLoginErrors.has(first.code)) return new AdapterError('unavailable', sentence(remedies.unavailable), facts);
  return new EntranceRefused('auth', sentence(remedies.auth), facts);
}

/** An answer that is not the API's: another server's page, another shape, or a redirection to where the organization has moved. */
export function strangeAnswer(subject: Subject, status: number): AdapterError {
  const { system, operation, writes } = subject;
  const what =
    status >= 300 && status < 400
      ? `sent ${operation} to another address (status ${String(status)})`
      : `answered ${operation} with something that is not Salesforce's (status ${String(status)})`;
  return new AdapterError(
    'unavailable',
    `${system}: the server ${what}; give as loginUrl the organization's own domain, such as https://example.my.salesforce.com, and look for what answers in its place`,
    { system, operation, unknownOutcome: writes },
  );
}

/** A refused row as AdapterError; `unavailable` inside a receipt is Salesforce's own no, so its outcome is known. */
export function rowFailure(subject: Subject, error: VendorError): AdapterError {
  return refusal(subject, kindOf(error) ?? 'invalidData', error);
}

/** A reference that names its field is wrong data; one without is the record itself that is not there. */
function kindOf({ code, fields }: Pick<VendorError, 'code' | 'fields'>): FailureKind | undefined {
  return code === 'INVALID_CROSS_REFERENCE_KEY' && fields.length > 0 ? 'invalidData' : kinds.get(code);
}

function refusal(
  { system, operation }: Subject,
  kind: FailureKind,
  { code, fields }: Pick<VendorError, 'code' | 'fields'>,
  facts: RetryAfter & { readonly unknownOutcome?: boolean } = {},
): AdapterError {
  const about = fields.length > 0 ? ` (${[...new Set(fields)].join(', ')})` : '';
  const remedy = ownRemedies[code] ?? remedies[kind];
  return new AdapterError(kind, `${system}: Salesforce answered ${operation} with ${code}${about}; ${remedy}`, {
    system,
    operation,
    ...facts,
  });
}

/** REST errors are a list of `{errorCode, message, fields}`, errors of the login one `{error, error_description}`. */
function vendorErrors(text: string): readonly VendorError[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((error) => vendorError(error) ?? []);
}

/** Reads `errorCode` (replies), `statusCode` (receipts of rows) or `error` (login); null for anything else. */
export function vendorError(error: unknown): VendorError | null {
  if (typeof error !== 'object' || error === null) return null;
  const { errorCode, statusCode, error: loginError, error_description: description, fields } = error as Readonly<Record<string, unknown>>;
  const code = [errorCode, statusCode, loginError].find((value) => typeof value === 'string');
  if (typeof code !== 'string') return null;
  // Codes are words; whatever else stands there is not the vendor's and is not repeated.
  if (!/^\w{1,80}$/.test(code)) return null;
  return {
    code,
    description: typeof loginError === 'string' && typeof description === 'string' ? description.slice(0, 200) : null,
    fields: Array.isArray(fields) ? fields.filter((field) => typeof field === 'string' && /^[\w.]{1,80}$/.test(field)) : [],
  };
}
