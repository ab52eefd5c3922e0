import type { Stack } from '../../dev/stack.ts';
import type { DatabaseWork } from '../measure/database.ts';
import type { HotSpot, Span } from '../measure/profile.ts';
import type { Sizes } from '../sizes.ts';
import type { Target } from '../target/target.ts';

/** What contestants work on. */
export interface Arena {
  readonly stack: Stack;
  readonly target: Target;
  readonly sizes: Sizes;
  /** How long a round may take, in ms. */
  readonly patienceMs: number;
}

/** What one round of a contestant came to, before the oracle has looked. */
export interface Run {
  /** From the beginning of the load to its last receipt. */
  readonly seconds: number;
  /** CPU seconds from the release of the load to its end, of each party; null where there is none. */
  readonly cpu: { readonly runner: number; readonly postgres: number; readonly temporal: number | null; readonly target: number };
  /** Of the contestant's own database, in the same time. */
  readonly database: DatabaseWork;
  /** Rows inserted, updated and deleted in it, by table; null where this round did not wait for that count. */
  readonly rowsWritten: Readonly<Record<string, number>> | null;
  /** Peak memory of the runner, in MB; of the largest of its processes where it has several. */
  readonly rssMb: number;
  /** The longest its event loop was blocked, in ms. */
  readonly blockMs: number;
  /** What the load before took, in seconds, where this is no load. */
  readonly loadSeconds: number | null;
  /** From loaded to verified, in seconds. */
  readonly verifySeconds: number | null;
  /** From the first read of the source to verified, without waits for us; null where a contestant knows no such thing. */
  readonly sourceToVerified: number | null;
  /** When it was measured. */
  readonly span: Span;
  /** Where its time went, where that was asked for. */
  readonly hotSpots: readonly HotSpot[];
  /** What only this workload measures, by name. */
  readonly more: Readonly<Record<string, number>>;
  /** What its own books say that is not so; the target's records are judged besides. */
  readonly wrong?: string | null;
  /** What else there is to say. */
  readonly notes: readonly string[];
}

/** Somebody who loads the same records into the same target. */
export interface Contestant {
  readonly name: string;
  /** Why it cannot take part on this machine; null where it can. */
  readonly absent?: () => Promise<string | null>;
  /** Plays a round on an empty target. */
  play(arena: Arena, round: Round): Promise<Run>;
}

/** Contestants that are the product. */
export const productNames: readonly string[] = [
  'cutover',
  'rollback',
  'killed',
  'limited',
  'asked',
  'one-worker',
  'two-workers',
  'four-workers',
  'troubled',
  'dev-server',
  'on-postgres',
];

export interface Round {
  /** Distinguishes its databases from those of others. */
  readonly name: string;
  /** Rows written are counted, which takes some seconds more. */
  readonly counts: boolean;
  /** The folder for a CPU profile of the runner; null for none. Only `cutover` makes one. */
  readonly profile: string | null;
}
