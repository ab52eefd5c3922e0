/** A share of a limit that one process may use by itself until it expires; what it does not report until then counts as used. */
export interface Lease {
  readonly id: string;
  readonly calls: number;
  readonly untilMs: number;
}

/** Calls that were made in one part of a window, and when the last of them leaves it. */
interface Spent {
  readonly calls: number;
  readonly untilMs: number;
}

/**
 * One limit of one system: at most `limit` calls in any stretch of `lengthMs`. The window moves: a call counts from when it was sent until `lengthMs`
 * later, as Salesforce counts its 24 hours. Instants are the ledger's, in ms.
 */
export interface LimitWindow {
  readonly limit: number;
  readonly lengthMs: number;
  /** The share of the limit that only a rollback may use. */
  readonly reserve: number;
  /** Our own calls that were answered, the oldest first. */
  readonly spent: readonly Spent[];
  /** All our own calls that were ever answered. */
  readonly booked: number;
  /** Calls of everybody else, by the system's newest word, which is about this instant; null where it never said. */
  readonly others: { readonly calls: number; readonly atMs: number } | null;
  /** When a single call was last spent only to hear how many calls the system counts. */
  readonly lookedAtMs: number | null;
  readonly leases: readonly Lease[];
}

/** What the system said of its own count with one answer. */
export interface CountSeen {
  readonly used: number;
  readonly limit: number;
  /** When the call was sent. */
  readonly atMs: number;
  /** How many of `booked` were surely answered before that. */
  readonly counted: number;
}

/** What a process did under its lease since it last spoke. */
export interface LeaseReport {
  readonly lease: string;
  /** Calls that were answered or given up. */
  readonly used: number;
  /** Calls that are under way. */
  readonly kept: number;
}

/** Calls made in so small a part of the window are counted together. */
const parts = 96;

/** The length of one such part, which is also the pause between two looks. */
export function partOf({ lengthMs }: Pick<LimitWindow, 'lengthMs'>): number {
  return Math.max(1, Math.ceil(lengthMs / parts));
}

/** A window nothing is known of but its limit. */
export function freshWindow(limit: number, lengthMs: number, reserve: number): LimitWindow {
  return { limit, lengthMs, reserve, spent: [], booked: 0, others: null, lookedAtMs: null, leases: [] };
}

/** Calls that count against the limit at an instant: answered ones of ours, those of others, and those that are leased. */
export function usedAt(window: LimitWindow, atMs: number): number {
  const leased = window.leases.filter(({ untilMs }) => untilMs > atMs);
  return oursAt(window, atMs) + othersAt(window, atMs) + sum(leased);
}

/** Calls of others; what was said before the window began says nothing any more. */
export function othersAt({ others, lengthMs }: LimitWindow, atMs: number): number {
  return others === null || others.atMs + lengthMs <= atMs ? 0 : others.calls;
}

function oursAt({ spent }: LimitWindow, atMs: number): number {
  return sum(spent.filter(({ untilMs }) => untilMs > atMs));
}

/** The window after a report; leases that expired are booked as if all their calls had been made, and calls that left the window are forgotten. */
export function reported(window: LimitWindow, nowMs: number, report: LeaseReport | null): LimitWindow {
  const own = window.leases.find(({ id, untilMs }) => id === report?.lease && untilMs > nowMs);
  const expired = window.leases.filter(({ untilMs }) => untilMs <= nowMs);
  // Of a lease that expired everything is booked already.
  const used = own === undefined || report === null ? 0 : report.used;
  const kept = own === undefined || report === null ? [] : [{ ...own, calls: report.kept }];
  const others = window.leases.filter((lease) => lease !== own && lease.untilMs > nowMs);
  const calls = used + sum(expired);
  return {
    ...window,
    spent: spentWith(window, nowMs, calls),
    booked: window.booked + calls,
    leases: [...others, ...kept.filter((lease) => lease.calls > 0)],
  };
}

/** Booked when they were answered, so that a call leaves our count never before it leaves the system's. */
function spentWith(window: LimitWindow, nowMs: number, calls: number): readonly Spent[] {
  const spent = window.spent.filter(({ untilMs }) => untilMs > nowMs);
  if (calls === 0) return spent;
  const part = partOf(window);
  const untilMs = (Math.floor(nowMs / part) + 1) * part + window.lengthMs;
  const last = spent.at(-1);
  if (last?.untilMs !== untilMs) return [...spent, { calls, untilMs }];
  return [...spent.slice(0, -1), { calls: last.calls + calls, untilMs }];
}

/**
 * The window after an answer that told the system's own count: it replaces what was known of others, unless a later call has told more already or it
 * was sent before the window began. Calls of ours that may not have been in that count are not taken off it, so others are never underrated.
 */
export function recounted(window: LimitWindow, nowMs: number, seen: CountSeen): LimitWindow {
  const isOld = seen.atMs <= nowMs - window.lengthMs || (window.others !== null && seen.atMs < window.others.atMs);
  if (isOld) return window;
  const left = window.booked - oursAt(window, nowMs);
  const ours = Math.max(0, seen.counted - left);
  return { ...window, limit: seen.limit, others: { calls: Math.max(0, seen.used - ours), atMs: seen.atMs } };
}

function sum(all: readonly { readonly calls: number }[]): number {
  return all.reduce((total, { calls }) => total + calls, 0);
}
