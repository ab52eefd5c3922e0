import type { TakenBack } from '../domain/gates/worse.ts';
import type { Completeness } from '../domain/waves/completeness.ts';

/** Everything a report shows of one run, read from the ledger alone. Instants are ISO 8601 in UTC; money are decimal texts. Holds ids, keys and deciders' ids, never record contents. */
export interface ReportData {
  readonly run: string;
  readonly plan: string | null;
  readonly mode: string | null;
  readonly planHash: string;
  readonly envHash: string;
  readonly state: string;
  readonly phase: string;
  readonly held: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly generatedAt: string;
  readonly events: readonly ReportEvent[];
  readonly gates: readonly ReportGate[];
  /** Every message that was recorded, refused ones included, in the order they were recorded. */
  readonly decisions: readonly ReportDecision[];
  readonly verdicts: readonly ReportVerdict[];
  readonly waves: readonly ReportWave[];
  readonly exceptions: readonly ReportException[];
  readonly rollbacks: readonly ReportRollback[];
  readonly archive: readonly ReportArchivePart[];
}

export interface ReportEvent {
  readonly at: string;
  readonly wave: string | null;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** One limit of a gate as it was measured; `value` null was missing, which keeps a gate shut. */
export interface ReportLimit {
  readonly metric: string;
  readonly value: number | null;
  readonly max: number;
  readonly verdict: string;
  readonly detail: string;
}

/** One numbered attempt of a gate: its evidence, what shut it, and the decisions that named it. */
export interface ReportGate {
  readonly gate: string;
  readonly attempt: number;
  readonly wave: string;
  readonly state: string;
  readonly openedAt: string;
  readonly deadlineAt: string | null;
  readonly endedAt: string | null;
  readonly factsHash: string;
  /** At a retry gate: how the attempt before came to be taken back. */
  readonly takenBack: TakenBack | null;
  readonly limits: readonly ReportLimit[];
  readonly exceptions: readonly string[];
  readonly equations: readonly Completeness[];
  readonly pointsOfNoReturn: readonly string[];
  /** What of the systems' configuration is not as it was frozen. */
  readonly configuration: readonly string[];
  readonly shut: readonly string[];
  readonly notices: readonly string[];
  readonly decisions: readonly ReportDecision[];
}

export interface ReportDecision {
  readonly requestId: string;
  readonly at: string;
  readonly verb: string;
  readonly person: string;
  readonly role: string | null;
  readonly gate: string | null;
  readonly attempt: number | null;
  readonly factsHash: string | null;
  readonly scope: string | null;
  readonly reason: string;
  readonly outcome: string;
  readonly detail: string;
}

/** A change of a guard's verdict; `k` bad of `n` counted, `answer` what a breach was answered with. */
export interface ReportVerdict {
  readonly guard: string;
  readonly wave: string;
  readonly attempt: number;
  readonly segment: number;
  readonly verdict: string;
  readonly warn: boolean;
  readonly reason: string;
  readonly k: number | null;
  readonly n: number | null;
  readonly eValue: number | null;
  readonly answer: string | null;
  readonly at: string;
  readonly answeredAt: string | null;
}

/** What the lanes of one attempt of a wave counted; the counts of several attempts are never added up. */
export interface ReportCounter {
  readonly attempt: number;
  readonly object: string;
  readonly kind: string;
  readonly name: string;
  readonly value: number;
}

export interface ReportWave {
  readonly name: string;
  readonly state: string;
  readonly attempt: number;
  /** Accounts at the opening of the present attempt; null before it was opened. */
  readonly accounts: number | null;
  /** Times its accounts were frozen. */
  readonly generation: number;
  readonly openedAt: string | null;
  readonly switchedAt: string | null;
  /** How long its accounts were frozen before the seal or the thaw (ms), and how long its records loaded before that; null without a freeze. */
  readonly frozenMs: number | null;
  readonly loadedBeforeMs: number;
  readonly counters: readonly ReportCounter[];
  /** The completeness equations of its newest verification, and when that was. */
  readonly equations: readonly Completeness[];
  readonly verifiedAt: string | null;
}

export interface ReportException {
  readonly id: number;
  readonly wave: string;
  readonly object: string;
  readonly sourceId: string;
  readonly account: string | null;
  readonly kind: string;
  readonly message: string;
  /** Ids in the target. */
  readonly candidates: readonly string[];
  readonly state: string;
  readonly openedAt: string;
}

/** A rollback of one wave attempt; `remaining` is what people must look at because it stayed. Null ends are still to come. */
export interface ReportRollback {
  readonly wave: string;
  readonly attempt: number | null;
  readonly reason: string;
  readonly beganAt: string;
  readonly endedAt: string | null;
  readonly state: string | null;
  readonly undone: number | null;
  readonly kept: number | null;
  /** What stays in the target, and why. */
  readonly left: readonly string[];
  readonly remaining: readonly ReportException[];
}

export interface ReportArchivePart {
  /** Of how many of its records no later part holds a newer copy. */
  readonly newest: number;
  readonly object: string;
  readonly part: string;
  readonly rows: number;
  readonly lines: number;
  readonly sha256: string;
  readonly money: Readonly<Record<string, string>>;
}
