import type { FailureKind } from '../../contracts/failures.ts';
import { AdapterError } from '../../contracts/failures.ts';

/** What a call was about, for the words of its failure. */
export interface Subject {
  readonly system: string;
  readonly operation: string;
  /** The call may change records. */
  readonly writes: boolean;
}

/** Salesforce's own error codes (REST API Developer Guide, "Status Codes and Error Responses"; SOAP API, "StatusCode"), by kind. */
const kinds: Readonly<Record<string, FailureKind>> = {
  INVALID_SESSION_ID: 'auth',
  INVALID_LOGIN: 'auth',
  API_DISABLED_FOR_ORG: 'auth',
  INSUFFICIENT_ACCESS: 'unsupported',
  INSUFFICIENT_ACCESS_OR_READONLY: 'unsupported',
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: 'unsupported',
  // Held by an approval process until a person decides, so no lock that is soon gone.
  ENTITY_IS_LOCKED: 'unsupported',
  invalid_client: 'auth',
  invalid_client_id: 'auth',
  invalid_grant: 'auth',
  invalid_app_access: 'auth',
  REQUEST_LIMIT_EXCEEDED: 'throttled',
  TXN_SECURITY_METERING_ERROR: 'throttled',
  UNABLE_TO_LOCK_ROW: 'locked',
  DUPLICATES_DETECTED: 'duplicate',
  DUPLICATE_VALUE: 'duplicate',
  DUPLICATE_EXTERNAL_ID: 'duplicate',
  ENTITY_IS_DELETED: 'notFound',
  NOT_FOUND: 'notFound',
  INVALID_CROSS_REFERENCE_KEY: 'notFound',
  INVALID_TYPE: 'notFound',
  PRECONDITION_FAILED: 'conflict',
  SERVER_UNAVAILABLE: 'unavailable',
  UNKNOWN_EXCEPTION: 'unavailable',
  QUERY_TIMEOUT: 'unavailable',
};
/** For answers without a code we know: 5xx never come here. */
const kindsByStatus: Readonly<Record<number, FailureKind>> = {
  401: 'auth',
  403: 'auth',
  404: 'notFound',
  405: 'unsupported',
  412: 'conflict',
  423: 'locked',
};

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
}

/**
 * A refused reply as AdapterError. Salesforce's sentences can quote values of records, so only its code and the names of
 * the fields are passed on. 500 says nothing about whether a write was applied.
 */
export function replyFailure(subject: Subject, status: number, text: string): AdapterError {
  const errors = vendorErrors(text);
  const [first] = errors;
  if (status >= 500) return refusal(subject, 'unavailable', `status ${String(status)}`, [], subject.writes);
  if (status === 401 || first?.code.startsWith('invalid_') === true) {
    return new EntranceRefused(
      'auth',
      `${subject.system}: Salesforce refused ${subject.operation} with ${first?.code ?? 'status 401'}; ${remedies.auth}`,
      subject,
    );
  }
  const kind = (first === undefined ? undefined : kindOf(first)) ?? kindsByStatus[status] ?? 'invalidData';
  return refusal(
    subject,
    kind,
    first?.code ?? `status ${String(status)}`,
    errors.flatMap((error) => error.fields),
    false,
  );
}

/** An answer that is not the API's: another server's page, or a redirection to where the organization has moved. */
export function strangeAnswer(subject: Subject, status: number): AdapterError {
  const { system, operation, writes } = subject;
  const moved = status >= 300;
  const what = moved
    ? `sent ${operation} to another address (status ${String(status)})`
    : `answered ${operation} with something other than JSON`;
  return new AdapterError(
    moved ? 'notFound' : 'unavailable',
    `${system}: the server ${what}; give as loginUrl the organization's own domain, such as https://example.my.salesforce.com`,
    { system, operation, unknownOutcome: writes && !moved },
  );
}

/** A refused row as AdapterError; `unavailable` inside a receipt is Salesforce's own no, so its outcome is known. */
export function rowFailure(subject: Subject, error: VendorError): AdapterError {
  return refusal(subject, kindOf(error) ?? 'invalidData', error.code, error.fields, false);
}

/** A reference that names its field is wrong data; one without is the record itself that is not there. */
function kindOf({ code, fields }: VendorError): FailureKind | undefined {
  return code === 'INVALID_CROSS_REFERENCE_KEY' && fields.length > 0 ? 'invalidData' : kinds[code];
}

function refusal(subject: Subject, kind: FailureKind, code: string, fields: readonly string[], unknownOutcome: boolean): AdapterError {
  const about = fields.length > 0 ? ` (${[...new Set(fields)].join(', ')})` : '';
  const { system, operation } = subject;
  return new AdapterError(kind, `${system}: Salesforce answered ${operation} with ${code}${about}; ${remedies[kind]}`, {
    system,
    operation,
    unknownOutcome,
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
  const { errorCode, statusCode, error: loginError, fields } = error as Readonly<Record<string, unknown>>;
  const code = [errorCode, statusCode, loginError].find((value) => typeof value === 'string');
  if (typeof code !== 'string') return null;
  return { code, fields: Array.isArray(fields) ? fields.filter((field) => typeof field === 'string') : [] };
}
