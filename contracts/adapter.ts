import type { EffectOperation } from '../domain/effects/verdict.ts';
import type { RoundingRule } from '../domain/money/rounding.ts';
import type { UndoKind } from '../domain/rollback/kind.ts';
import type { FailureKind } from './failures.ts';
import type { Fields } from './fields.ts';

/** What a write does to one record. `annotate` writes only a note field that stays writable in every state. */
export type Operation = EffectOperation;

/** How fast a system takes writes. */
export interface Pace {
  /** Rows of one write at most. */
  readonly batchSize: number;
  /** So many writes of one lane may be under way at once; its batches never hold the same record twice. */
  readonly writesInFlight: number;
  /** Where so many rows of one object and operation are due in a lane, the system takes them in larger writes, which it goes on with by itself. */
  readonly bulk?: BulkPace;
}

/** How a system takes many rows at once. */
export interface BulkPace {
  readonly from: number;
  readonly batchSize: number;
  /** A write has so many times the time of another call until the system has begun with it: so many rows are on their way for longer. */
  readonly timeouts: number;
}

/** Facts about one kind of record in one system. */
export interface ObjectCapability {
  /** The searchable field that holds our key, and whether the system itself refuses a second record with it. */
  readonly keyField: string;
  readonly keyIsUnique: boolean;
  /** How a found record is proved ours: a marker that holds the effect id, or "created by our user at or after the intent". */
  readonly proof: 'marker' | 'creator' | 'none';
  /** The state in which a loaded document rests until its account is switched; null where records have no such state. */
  readonly rest: string | null;
  /** A write may be made conditional on the stamp it was read with. */
  readonly conditionalWrite: boolean;
  /** Operations that the system takes at another pace than all others. */
  readonly paces: Readonly<Partial<Record<Operation, Pace>>>;
  /** How a record in this state is taken back; `*` stands for any other state. `impossible` is announced before the step that makes it so. */
  readonly undo: Readonly<Record<string, UndoKind>>;
  /** Fields the system changes by itself: stamps, computed values, roll-ups. Never compared. */
  readonly volatile: readonly string[];
  /** Fields that hold decimal numbers, by path (`lines.unitPrice`): compared by value, every other text as it stands. */
  readonly decimals: readonly string[];
  /** States our own operations of several steps pass through, and states in which a document counts as activated; empty for other records. */
  readonly halfWay: readonly string[];
  readonly activated: readonly string[];
  /** Names the field that holds the target id of the record a document belongs to, such as its customer; null where records belong to none. */
  readonly owner: string | null;
  /** States in which a document no longer counts as business, such as cancelled; empty for other records. */
  readonly void: readonly string[];
}

/** What a system can do, as data; the planner refuses a plan that needs something missing before anything is frozen. */
export interface Capabilities extends Pace {
  readonly adapter: string;
  readonly objects: Readonly<Record<string, ObjectCapability>>;
  /** What stops a stale process at the target: ending its session, or nothing. */
  readonly fence: 'session' | 'none';
  /** How long after sending the system may still commit a call, and how long until a committed one can be read (ms). */
  readonly commitHorizonMs: number;
  readonly readLagMs: number;
  /** `createdAt` of a record is cut to this many milliseconds: the record was made then, or up to so much later. */
  readonly instantResolutionMs: number;
  /** Calls that taking back one batch of records costs at most, whatever it is done by: reading, writing and searching for what is left included. */
  readonly callsPerUndoBatch: number;
  /** A batch is applied whole or not at all. */
  readonly atomicBatch: boolean;
  /** How it rounds the lines and the taxes of a document. */
  readonly rounding: RoundingRule;
  /** The system can refuse writes of single accounts, or only of everybody; and who ends the lease. */
  readonly freeze: { readonly granularity: 'account' | 'system'; readonly leaseEndedBy: 'system' | 'person' } | null;
}

/** Who and where we are in a system, and whether our rights are enough and not too many. */
export interface Probe {
  /** Identity of the instance: the same for every connection to it, different for another one. */
  readonly instance: string;
  readonly version: string;
  readonly user: string;
  /** The system's clock minus ours (ms). */
  readonly clockSkewMs: number;
  /** Sentences, each with its remedy; any of them fails preflight. */
  readonly problems: readonly string[];
}

/** A reading of a system's own clock (epoch ms): at some moment of the call it showed neither less nor more than this. */
export interface ClockReading {
  readonly earliestMs: number;
  readonly latestMs: number;
}

export interface FieldShape {
  readonly name: string;
  readonly required: boolean;
  readonly maxLength: number | null;
}

/** A record as it stands in a target system, in the adapter's own field names. */
export interface TargetRecord {
  readonly id: string;
  readonly fields: Fields;
  /** Opaque version of the record, for conditional writes; null where the system has none. */
  readonly stamp: string | null;
  /** Document state (`draft`, `quotation`, `processing`), or `active`/`inactive` for other records. */
  readonly state: string;
  readonly createdByUs: boolean;
  /** ISO instant by the system's own clock; null where it does not tell. */
  readonly createdAt: string | null;
  /** The effect id in the marker field, where the object has one. */
  readonly marker: string | null;
}

/** A record of a target system that somebody else made or changed. */
export interface TargetChange extends TargetRecord {
  readonly object: string;
  /** `created`: made by somebody else since the mark. `changed`: made before it, or by us, and changed by somebody else since. */
  readonly change: 'created' | 'changed';
  /** Target id of the record it belongs to, such as the party of a sale; null where it belongs to none. */
  readonly owner: string | null;
}

/** Why a system would not take a record, by the key it has in its source; the sentence says what to do and is the same for the same cause. */
export interface Fault {
  readonly key: string;
  readonly cause: string;
  /** The field it is about, as a path (`addresses.city`), where it is about one. */
  readonly field?: string;
}

/** One record of a write. For all but `create`, `id` is the target id; `stamp` makes the write conditional. */
export interface WriteRow {
  readonly effectId: string;
  readonly operation: Operation;
  readonly id: string | null;
  readonly fields: Fields;
  readonly stamp: string | null;
}

/**
 * What became of one record. `rejected` is the system's clear no, with the wait it asked for (`retryAfterMs`) where it did; `unknown`
 * means it may have been applied: only reading the target, past the commit horizon, may settle it.
 */
export type RowOutcome =
  | { readonly effectId: string; readonly outcome: 'applied' | 'unchanged'; readonly id: string }
  | {
      readonly effectId: string;
      readonly outcome: 'rejected';
      readonly kind: FailureKind;
      readonly message: string;
      readonly retryAfterMs?: number;
    }
  | { readonly effectId: string; readonly outcome: 'unknown'; readonly message: string };

/** How a write may be held back or called off. */
export interface Sending {
  readonly signal: AbortSignal;
  readonly beforeSend: () => void;
  /** New records are given to whom the system's rules say, and those told of it: a canary proves that way. What is only moved is given to nobody. */
  readonly assigns?: boolean;
  /**
   * Told before the system can begin with work that it goes on with by itself: the handle that ends this session and that work. Rejects where nobody may
   * write any more; then the work does not begin. Without it there is no such work, and no bulk write.
   */
  readonly remember?: (handle: string) => Promise<void>;
}

/** One login of one lane claim. Ending it is the fence: later calls of the session are refused by the target. */
export interface Session {
  /** Enough to end this session from another process (see `Sending.remember`); a credential, kept only behind the ledger's sealed seam. */
  readonly handle: string;
  /**
   * Writes rows of one object and one operation, at most the `batchSize` of its pace. Never throws for what the system answered:
   * every row gets its outcome. `beforeSend` runs right before each socket write and throws when the deadline has passed:
   * then nothing was sent and the error passes through.
   */
  write(object: string, rows: readonly WriteRow[], call: Sending): Promise<readonly RowOutcome[]>;
  close(): Promise<void>;
}

/** Calls used and allowed in the system's current limit window, from its newest answer. */
export interface Usage {
  readonly used: number;
  readonly limit: number | null;
}

/** Records that `findByFields` returns for one criterion at most: where there are so many, there may be more. */
export const matchesAtMost = 10;

/** A system that records are written to: the new ERP, or the CRM. All methods reject with AdapterError. */
export interface TargetPort {
  readonly capabilities: Capabilities;
  probe(): Promise<Probe>;
  /** The system's own clock, with the error its resolution makes. The caller measures the time before and after the call. */
  now(): Promise<ClockReading>;
  describe(object: string): Promise<readonly FieldShape[]>;
  /**
   * The configuration that a plan rests on (fields of the objects it uses, picklists, routing rules, our own rights), a sentence-like line for each
   * fact: what is compared with the configuration freeze.
   */
  fingerprint(objects: readonly string[]): Promise<readonly string[]>;
  /**
   * What would keep the system from taking these new records, told before anything is written: countries, currencies and units it does
   * not have, decimals it does not keep, prices and lines it needs. A reference to a record that is not there yet may be any text.
   */
  check(object: string, records: readonly { readonly key: string; readonly fields: Fields }[]): Promise<readonly Fault[]>;
  /** Records by target id; absent ones are left out. Reading by id does not lag. */
  get(object: string, ids: readonly string[]): Promise<readonly TargetRecord[]>;
  /** Every record whose key field holds one of these keys, inactive ones included. */
  findByKey(object: string, keys: readonly string[]): Promise<readonly (TargetRecord & { readonly key: string })[]>;
  /**
   * For each of these criteria, in their order, the records that equal all its fields (trimmed, case folded where text), inactive ones included; at most
   * `matchesAtMost`. A criterion without a value finds nothing. Many are searched for in few calls.
   */
  findByFields(object: string, criteria: readonly Fields[]): Promise<readonly (readonly TargetRecord[])[]>;
  /**
   * The change feed: page by page, whatever anybody but us created or changed since `since` (an ISO instant by the system's own
   * clock), object by object as they are named, each in the order of its ids, inactive records included. A change of a part counts
   * (a line of a sale, an address of a party); a record that is gone is not told.
   */
  changesSince(objects: readonly string[], since: string): AsyncIterable<readonly TargetChange[]>;
  /**
   * The change feed for some records: of these ids those that anybody but us made or changed since `since`, and was the last who did, a part of theirs
   * included (also one that `get` does not read, such as an e-mail address of a party).
   */
  touched(object: string, ids: readonly string[], since: string): Promise<readonly string[]>;
  count(object: string): Promise<number>;
  usage(): Promise<Usage>;
  open(): Promise<Session>;
  /** Ends a session opened anywhere, and the work the system goes on with for it, confirmed; ending an ended one is fine. */
  endSession(handle: string): Promise<void>;
  /**
   * Ends the login of a session that was opened anywhere, lets the work come to its end that the system goes on with for it, and tells what that came to for
   * these rows; a row of which it says nothing certain is left out. Absent where a session never leaves any work.
   */
  readonly workOf?: (handle: string, object: string, rows: readonly WriteRow[]) => Promise<readonly RowOutcome[]>;
  /** Closes connections of this process. */
  dispose(): Promise<void>;
}
