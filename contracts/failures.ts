/** The closed list of what can go wrong with an outside system. */
export const failureKinds = [
  'auth',
  'notFound',
  'conflict',
  'duplicate',
  'ambiguous',
  'throttled',
  'locked',
  'unavailable',
  'invalidData',
  'unsupported',
  'silentNoOp',
] as const;
export type FailureKind = (typeof failureKinds)[number];

interface AdapterErrorDetails {
  readonly system: string;
  readonly operation: string;
  /** Milliseconds the system asked us to wait, where it said so. */
  readonly retryAfterMs?: number;
  /** The call may have been applied: nothing may be sent again before the target was read. */
  readonly unknownOutcome?: boolean;
  readonly cause?: unknown;
}

/** A failure of an outside system, in words a migration lead can act on; never carries record contents or secrets. */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  readonly kind: FailureKind;
  readonly system: string;
  readonly operation: string;
  readonly retryAfterMs: number | null;
  readonly unknownOutcome: boolean;

  constructor(kind: FailureKind, message: string, details: AdapterErrorDetails) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.system = details.system;
    this.operation = details.operation;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.unknownOutcome = details.unknownOutcome ?? false;
  }
}

/** Whether asking again later may help; a missing right or a refused record is never retried. */
export function isTransient(kind: FailureKind): boolean {
  return kind === 'throttled' || kind === 'locked' || kind === 'unavailable';
}

/** Failures that lie in the system or in our login, never in the record: its write may be made again, and no guard counts it as a failure. */
export const blamelessKinds: readonly FailureKind[] = ['throttled', 'locked', 'unavailable', 'auth'];

/** The code of a failure of Node or of a driver (`ENOENT`, `ECONNREFUSED`); null where it has none. Errors of another realm count too. */
export function errorCode(error: unknown): string | null {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
