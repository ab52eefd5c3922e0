import type { Capabilities, Probe } from './adapter.ts';
import type { Fields } from './fields.ts';

/** A record as the configured query yields it. */
export interface SourceRow {
  readonly key: string;
  readonly account: string | null;
  readonly fields: Fields;
}

/** A place in the source's change order; opaque, made by the adapter. */
export type Watermark = string;

export interface Change {
  readonly table: string;
  readonly key: string;
  readonly account: string | null;
  /** ISO instant. */
  readonly at: string;
  readonly operation: 'insert' | 'update' | 'delete';
  /** True where the runner's own database user made it. */
  readonly ours: boolean;
}

export interface FreezeOrder {
  readonly accounts: readonly string[];
  readonly wave: string;
  readonly generation: number;
  readonly leaseUntil: string;
  readonly reason: string;
  readonly contact: string;
}

export interface FreezeState {
  readonly account: string;
  readonly wave: string;
  readonly generation: number;
  readonly leaseUntil: string;
  readonly sealed: boolean;
  /** Lease not lapsed by the source's own clock, or sealed. */
  readonly holds: boolean;
}

/** The legacy system: read by configured queries, frozen and sealed by account. All methods reject with AdapterError. */
export interface SourcePort {
  readonly capabilities: Capabilities;
  probe(): Promise<Probe>;
  /**
   * Tables that exist, with their rows, and document statuses found in them with their counts: for dispositions.
   * Null are the rows of a table that our user may not count.
   */
  inventory(): Promise<{
    readonly tables: Readonly<Record<string, number | null>>;
    readonly statuses: Readonly<Record<string, Readonly<Record<string, number>>>>;
  }>;
  /** Columns, types and trigger state of the configured tables, as one text: its hash is the configuration fingerprint. */
  fingerprint(): Promise<string>;
  /** One keyset page in key order, read in one snapshot; `accounts` null reads all. */
  read(
    query: string,
    page: { readonly after: string | null; readonly limit: number; readonly accounts: readonly string[] | null },
  ): Promise<{ readonly rows: readonly SourceRow[]; readonly next: string | null }>;
  /** Rows by key; absent keys are left out. */
  get(query: string, keys: readonly string[]): Promise<readonly SourceRow[]>;
  /** Creates our own schema, functions, freeze and change tables, and the row triggers; repeating it changes nothing. */
  install(): Promise<void>;
  /** Removes all that `install` made. */
  uninstall(): Promise<void>;
  /**
   * At the close: removes all that `install` made, seals included, where the rights of the legacy users have been taken away and the seals
   * have nothing left to refuse. Returns who can still write; empty when it is handed over, otherwise everything stays as it is.
   */
  handOver(): Promise<readonly string[]>;
  watermark(): Promise<Watermark>;
  /** What changed since, oldest first, with overlap for transactions that were open then. */
  changesSince(watermark: Watermark): Promise<readonly Change[]>;
  /** Returns when open writers of these accounts have ended and new ones are refused. */
  freeze(order: FreezeOrder): Promise<void>;
  /** Prolongs a lease that still holds; false where it had lapsed. */
  extend(wave: string, generation: number, leaseUntil: string): Promise<boolean>;
  /** Turns the lease of these accounts into a seal; rejects with kind `conflict` where the generation's lease has lapsed. */
  seal(accounts: readonly string[], wave: string, generation: number): Promise<void>;
  /** Lifts freeze and seal that this wave holds on these accounts; others' stay. */
  thaw(accounts: readonly string[], wave: string): Promise<void>;
  freezeStates(accounts: readonly string[]): Promise<readonly FreezeState[]>;
  dispose(): Promise<void>;
}

/** The write-once archive. */
export interface ArchivePort {
  /** Whether parts can be added: sentences, each with its remedy; any of them fails preflight. Changes nothing. */
  probe(): Promise<Pick<Probe, 'problems'>>;
  /** Writes a new part and its manifest entry; rejects with kind `conflict` if a different part of that name is there. */
  put(part: string, rows: readonly SourceRow[]): Promise<ArchivePart>;
  /** Reads a part back and checks it against its manifest entry; rejects with kind `invalidData` on any difference. */
  verify(part: string): Promise<ArchivePart>;
  parts(): Promise<readonly ArchivePart[]>;
}

export interface ArchivePart {
  readonly part: string;
  readonly rows: number;
  readonly sha256: string;
}
