import type { Capabilities, Probe } from './adapter.ts';
import type { Fields } from './fields.ts';

/** A record as the configured query yields it. */
export interface SourceRow {
  readonly key: string;
  readonly account: string | null;
  readonly fields: Fields;
}

/** A count of one table, read from the table itself and not through the plan's queries. */
export interface TallyAsk {
  readonly table: string;
  /** Only rows in these statuses, by the plan's expression (`null` is written as the text `null`); null: all rows. */
  readonly statuses: readonly string[] | null;
  /** Only rows of these accounts, by the plan's account path; null: all rows. */
  readonly accounts: readonly string[] | null;
  /** What explains a row: a key that some query yields, an SQL condition of the plan, or nothing is asked. */
  readonly explained: { readonly keys: readonly string[] } | { readonly where: string } | { readonly all: true };
}

/** Rows of a table in one status and currency; `money` are exact sums by the plan's expressions, `missing` the rows without explanation and the first 20 of their keys. */
export interface TableTally {
  readonly table: string;
  readonly status: string | null;
  readonly currency: string | null;
  readonly rows: number;
  readonly money: Readonly<Record<string, string>>;
  readonly missing: { readonly rows: number; readonly keys: readonly string[]; readonly money: Readonly<Record<string, string>> };
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

/**
 * What every act on a freeze carries. `order` comes from one sequence, drawn where the act was allowed: legacy refuses a number lower than the
 * highest it has taken for an account, also after a thaw. Generations of a wave never repeat, in a later attempt neither.
 */
export interface FreezeFence {
  readonly wave: string;
  readonly generation: number;
  readonly order: number;
}

export interface FreezeOrder extends FreezeFence {
  readonly accounts: readonly string[];
  /** How long it holds from when legacy takes it, by legacy's own clock. */
  readonly leaseMs: number;
  readonly reason: string;
  readonly contact: string;
}

export interface FreezeState {
  readonly account: string;
  readonly wave: string;
  readonly generation: number;
  readonly leaseUntil: string;
  readonly sealed: boolean;
  /** Lease not lapsed by the source's own clock, or sealed, and writers are refused. */
  readonly holds: boolean;
  /** What lets writers past it, as sentences; absent where nothing does. */
  readonly loose?: readonly string[];
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
  /** Tables counted in one snapshot, an answer for each ask: by status and currency, with the money the plan names; read independently of its queries. */
  tally(asks: readonly TallyAsk[]): Promise<readonly (readonly TableTally[])[]>;
  /** Columns, types and trigger state of the configured tables, as one text: its hash is the configuration fingerprint. */
  fingerprint(): Promise<string>;
  /** One keyset page in key order, read in one snapshot; `accounts` null reads all. */
  read(
    query: string,
    page: { readonly after: string | null; readonly limit: number; readonly accounts: readonly string[] | null },
  ): Promise<{ readonly rows: readonly SourceRow[]; readonly next: string | null }>;
  /** These accounts in the form in which rows name theirs, each once: two spellings may mean the same account. */
  written(accounts: readonly string[]): Promise<readonly string[]>;
  /** Rows that `read` yields of this query now, all pages together. */
  count(query: string, accounts: readonly string[] | null): Promise<number>;
  /** The accounts that a query yields, each once; `held` where an account column of the plan's tables has it as it is, so that a freeze finds it. */
  accounts(query: string): Promise<readonly { readonly account: string; readonly held: boolean }[]>;
  /** Keys that these queries together yield more than once, in one statement: how many there are, the first 20, and the queries that yield those. */
  doubles(
    queries: readonly string[],
  ): Promise<{ readonly count: number; readonly keys: readonly string[]; readonly queries: readonly string[] }>;
  /** Rows by key; absent keys are left out. */
  get(query: string, keys: readonly string[]): Promise<readonly SourceRow[]>;
  /** Creates our own schema, functions, freeze and change tables, and the row triggers; repeating it changes nothing. Kind `conflict` where a newer order was taken. */
  install(order: number): Promise<void>;
  /** Removes all that `install` made, but for the one row that remembers the last order. Kind `conflict` where a newer order was taken. */
  uninstall(order: number): Promise<void>;
  /**
   * At the close: removes all that `install` made, seals included, where the rights of the legacy users have been taken away and the seals
   * have nothing left to refuse. Returns who can still write; empty when it is handed over, otherwise everything stays as it is.
   * Kind `conflict` where a newer order was taken.
   */
  handOver(order: number): Promise<readonly string[]>;
  watermark(): Promise<Watermark>;
  /** What changed since, oldest first, with overlap for transactions that were open then. */
  changesSince(watermark: Watermark): Promise<readonly Change[]>;
  /** Returns when open writers of these accounts have ended and new ones are refused. Kind `conflict` for an order or generation older than legacy's. */
  freeze(order: FreezeOrder): Promise<void>;
  /** Prolongs a lease that still holds, to at least so long from now; false where it had lapsed. Kind `conflict` for an older order. */
  extend(fence: FreezeFence, leaseMs: number): Promise<boolean>;
  /** Turns the lease of these accounts into a seal; kind `conflict` where this generation does not hold each of them, or for an older order. */
  seal(accounts: readonly string[], fence: FreezeFence): Promise<void>;
  /** Turns the seal of these accounts into a lease again, from now on; kind `conflict` where this generation does not hold each of them, or for an older order. */
  unseal(accounts: readonly string[], fence: FreezeFence, leaseMs: number): Promise<void>;
  /** Lifts freeze and seal that this wave holds on these accounts; others' stay. Kind `conflict` for an order or generation older than legacy's. */
  thaw(accounts: readonly string[], fence: FreezeFence): Promise<void>;
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
  /** The records of a part, checked as `verify` does. */
  read(part: string): Promise<readonly SourceRow[]>;
  /** The same check for a part whose entry was read before. */
  check(part: ArchivePart): Promise<ArchivePart>;
  /** Names of all parts. Of the manifest only what came since it was last read is looked at: `parts` proves that nothing was changed. */
  names(): Promise<ReadonlySet<string>>;
  /** All parts in the order they were archived; rejects with kind `invalidData` where the manifest cannot be trusted. */
  parts(): Promise<readonly ArchivePart[]>;
}

export interface ArchivePart {
  readonly part: string;
  readonly rows: number;
  readonly sha256: string;
}
