import { othersAt, partOf, usedAt, type Lease, type LimitWindow } from './window.ts';

/** What calls are for, the most urgent first. */
export const callKinds = ['rollback', 'live', 'verification', 'load'] as const;
export type CallKind = (typeof callKinds)[number];

/** Calls that may be made now; or when to ask again. `looks`: one call only to hear how many the system counts. */
export type Grant = { readonly calls: number; readonly looks: boolean } | { readonly calls: 0; readonly waitUntilMs: number };

/** From this share of a limit on, the load is slowed. */
const slowShare = 0.8;

/** The shortest wait that is answered, so that nobody asks again every few milliseconds (ms). */
const shortestWaitMs = 1_000;

/** What a kind leaves to the more urgent ones beside the reserve, as a share of the limit. */
const left: Readonly<Record<Exclude<CallKind, 'rollback'>, number>> = { live: 0, verification: 0.01, load: 0.02 };

/** The most calls one lease is of. */
const largestLease = 100;

/** Calls that one lease is of, so that no process sits on more than a fiftieth of a limit. */
export function portionOf({ limit }: Pick<LimitWindow, 'limit'>): number {
  return Math.min(largestLease, Math.max(1, Math.ceil(limit / 50)));
}

/** Calls that a kind leaves untouched for those more urgent than it; one call of a small limit may be had by every kind. */
export function floorOf({ limit, reserve }: LimitWindow, kind: CallKind): number {
  return kind === 'rollback' ? 0 : Math.max(0, Math.min(Math.ceil(reserve * limit) + Math.ceil(left[kind] * limit), limit - 1));
}

/**
 * Calls that may still be made at an instant, below 0 where too many were. A load that reaches 80 % of the limit is let through the rest no faster than
 * the window moves on: so much of it as the time since our oldest call is of the window's length.
 */
function freeAt(window: LimitWindow, kind: CallKind, atMs: number): number {
  const used = usedAt(window, atMs);
  const cap = window.limit - floorOf(window, kind);
  if (!isSlowed(window, kind)) return cap - used;
  const slow = slowFrom(window);
  return Math.floor(slow + (cap - slow) * Math.min(1, (atMs - rampStart(window, atMs)) / window.lengthMs)) - used;
}

/** Whether the load meets the 80 % before it meets what it has to leave. */
function isSlowed(window: LimitWindow, kind: CallKind): boolean {
  return kind === 'load' && window.limit - floorOf(window, kind) > slowFrom(window);
}

/** Calls from which on the load is slowed: never before the first. */
function slowFrom({ limit }: LimitWindow): number {
  return Math.max(1, slowShare * limit);
}

function rampStart({ spent, lengthMs }: LimitWindow, atMs: number): number {
  const oldest = spent.find(({ untilMs }) => untilMs > atMs);
  return oldest === undefined ? atMs : oldest.untilMs - lengthMs;
}

/** What may be had of one window now, at most a portion of its limit. */
function grantOf(window: LimitWindow, kind: CallKind, nowMs: number): Grant {
  const free = freeAt(window, kind, nowMs);
  if (free >= 1) return { calls: Math.min(portionOf(window), free), looks: false };
  const wanted = Math.min(portionOf(window), Math.max(1, window.limit - floorOf(window, kind)));
  const lookAtMs = nextLook(window, wanted - free, nowMs);
  if (lookAtMs !== null && lookAtMs <= nowMs) return { calls: 1, looks: true };
  const times = [...eventsOf(window), ...rampTo(window, kind, nowMs)].filter((atMs) => atMs > nowMs).sort((a, b) => a - b);
  const freeAgain = times.find((atMs) => freeAt(window, kind, atMs) >= wanted) ?? times.at(-1) ?? nowMs + partOf(window);
  return { calls: 0, waitUntilMs: Math.max(nowMs + shortestWaitMs, Math.min(freeAgain, lookAtMs ?? freeAgain)) };
}

/** When something leaves the window. */
function eventsOf({ spent, leases, others, lengthMs }: LimitWindow): readonly number[] {
  return [...spent, ...leases].map(({ untilMs }) => untilMs).concat(others === null ? [] : [others.atMs + lengthMs]);
}

/** When the slowed load may go on though nothing has left the window. */
function rampTo(window: LimitWindow, kind: CallKind, nowMs: number): readonly number[] {
  if (!isSlowed(window, kind)) return [];
  const slow = slowFrom(window);
  const cap = window.limit - floorOf(window, kind);
  const share = (usedAt(window, nowMs) + portionOf(window) - slow) / (cap - slow);
  return share > 1 ? [] : [Math.ceil(rampStart(window, nowMs) + share * window.lengthMs)];
}

/** Between two looks at a limit that is used up, at least (ms): such a look may be refused, and a short window is over sooner. */
const fullLookMs = 3_600_000;

/** The share of a limit that looks may spend. */
const lookShare = 0.01;

/** Calls of others leave the window unseen: now and then one call is spent to hear of it. Null where others did not make those that are missing. */
function nextLook(window: LimitWindow, missing: number, nowMs: number): number | null {
  if (window.others === null || othersAt(window, nowMs) < missing) return null;
  const pauseMs = Math.max(partOf(window), Math.ceil(window.lengthMs / (lookShare * window.limit)));
  const isFull = usedAt(window, nowMs) >= window.limit;
  return Math.max(window.others.atMs, window.lookedAtMs ?? 0) + (isFull ? Math.max(fullLookMs, 8 * pauseMs) : pauseMs);
}

/** What may be had now of a system that has several limits: as many calls as all of them allow; else the longest wait. */
export function grantAll<Row extends LimitWindow>(
  windows: readonly Row[],
  kind: CallKind,
  nowMs: number,
): { readonly grant: Grant; readonly tightest: Row | null } {
  let found: { readonly grant: Grant; readonly tightest: Row | null } = { grant: { calls: largestLease, looks: false }, tightest: null };
  for (const window of windows) {
    const grant = grantOf(window, kind, nowMs);
    if (isTighter(grant, found.grant)) found = { grant, tightest: window };
  }
  return found;
}

function isTighter(one: Grant, other: Grant): boolean {
  if ('waitUntilMs' in one) return !('waitUntilMs' in other) || one.waitUntilMs > other.waitUntilMs;
  return !('waitUntilMs' in other) && one.calls < other.calls;
}

/** The window after a grant was taken as a lease, beside what the same process already holds under it. */
export function leased(
  window: LimitWindow,
  lease: Lease,
  grant: Exclude<Grant, { readonly waitUntilMs: number }>,
  nowMs: number,
): LimitWindow {
  const kept = window.leases.find(({ id }) => id === lease.id)?.calls ?? 0;
  const others = window.leases.filter(({ id }) => id !== lease.id);
  return {
    ...window,
    lookedAtMs: grant.looks ? nowMs : window.lookedAtMs,
    leases: [...others, { ...lease, calls: kept + grant.calls }],
  };
}
