import { mayWrite, type LaneKind, type WaveState } from '../waves/state.ts';

/** Who may hold a run: a person, a guard, a gate that was not passed, the run itself, or a request for cancellation in Temporal. */
export const holdSources = ['person', 'guard', 'gate', 'run', 'temporal'] as const;
export type HoldSource = (typeof holdSources)[number];

/** A hold that stands. Several may stand at once; each is lifted by a resume that names its number. */
export interface Hold {
  readonly number: number;
  /** `run`, or the wave it stops. */
  readonly scope: string;
  readonly source: HoldSource;
  readonly person: string | null;
  readonly role: string | null;
  readonly reason: string;
  /** What a resume of it brings about beside going on, as a sentence; null where nothing. */
  readonly follows: string | null;
  /** Instant it was recorded, ISO 8601 in UTC. */
  readonly at: string;
}

/** A no-go or a rollback that stands against the present attempt of a wave, or against the run. */
export interface Stop {
  readonly verb: 'noGo' | 'rollback';
  /** `run`, or a wave. */
  readonly scope: string;
  readonly requestId: string;
  readonly person: string | null;
  readonly role: string | null;
  readonly reason: string;
  /** How far the way back has come that it orders; absent where it was told before that was known, and then still to come. */
  readonly back?: WayBack;
}

/** A way back is ordered, under way, or at its end: then the retry gate decides about the next attempt. */
export type WayBack = 'toCome' | 'underWay' | 'done';

/** Everything that stands against going on, as a deciding transaction reads it behind its locks, last. */
export interface Standing {
  readonly holds: readonly Hold[];
  readonly stops: readonly Stop[];
}

/** Kinds of lanes whose tokens move on with a hold, a no-go or a rollback. An undo and the probes on canaries go on. */
export const stoppedKinds: readonly LaneKind[] = ['load', 'switch', 'flow', 'adopt'];

/** Those that concern one wave: of the run, and of the wave itself. */
export function standingOn({ holds, stops }: Standing, wave: string): Standing {
  const concerns = ({ scope }: { readonly scope: string }): boolean => scope === 'run' || scope === wave;
  return { holds: holds.filter(concerns), stops: stops.filter(concerns) };
}

/** Where a lane stands when it is claimed, or when its intent is refused. `standing` is what concerns its wave. */
export interface LaneCase {
  readonly kind: LaneKind;
  /** The attempt the lane was planned for, and the wave's present one. */
  readonly attempt: number;
  readonly current: number;
  readonly state: WaveState;
  readonly standing: Standing;
  /** Whether the watcher of the guards has given a sign of life in time. */
  readonly guarded: boolean;
}

function isOver({ kind, attempt, current, state, standing }: LaneCase): boolean {
  if (attempt !== current || !mayWrite(state, kind)) return true;
  return stoppedKinds.includes(kind) && standing.stops.length > 0;
}

/** Whether a lane may be claimed now. What is over stays over; a hold ends, and a load waits for a living guard. */
export function judgeClaim(lane: LaneCase): 'claimed' | 'fenced' | 'held' | 'noGuard' {
  if (isOver(lane)) return 'fenced';
  if (stoppedKinds.includes(lane.kind) && lane.standing.holds.length > 0) return 'held';
  return lane.kind === 'load' && !lane.guarded ? 'noGuard' : 'claimed';
}

/**
 * What an intent answers whose token is gone. `fenced`: its attempt is over. `held`: a hold took the token, be it lifted or not, or another claim
 * did; the lane may be claimed again, and goes on where it was.
 */
export function judgeLostToken(lane: Omit<LaneCase, 'guarded'>): 'held' | 'fenced' {
  return isOver({ ...lane, guarded: true }) ? 'fenced' : 'held';
}

/** What somebody wants to begin: a wave, the next attempt of one that was taken back, a switch, or the end of the run. */
export type Beginning = 'wave' | 'attempt' | 'switch' | 'close';

export type MayBegin =
  | { readonly may: true }
  | { readonly may: false; readonly why: 'hold' | 'noGo' | 'rollback'; readonly detail: string };

/** What still leads back: stops whose way back is not at its end. */
export function openStops({ stops }: Standing): readonly Stop[] {
  return stops.filter(({ back }) => back !== 'done');
}

function signature({ person, role }: Pick<Stop, 'person' | 'role'>): string {
  return person === null ? '' : ` by ${person}${role === null ? '' : ` (${role})`}`;
}

/** In words who stops what, for the Timeline and for people. */
export function stopText(stop: Stop): string {
  const { verb, scope, reason } = stop;
  return `${verb === 'noGo' ? 'a no-go' : 'a rollback'} of ${scope === 'run' ? 'the run' : `wave ${scope}`}${signature(stop)} stands: ${reason}`;
}

/**
 * In words why something goes back: who ordered it, when (`at`, as people read it; null where that is not told), and why. What nobody signed is a
 * breach, and its reason names the guard.
 */
export function orderText(stop: Pick<Stop, 'verb' | 'person' | 'role' | 'reason'>, at: string | null): string {
  if (stop.person === null) return stop.reason;
  return `${stop.verb === 'noGo' ? 'no-go' : 'rollback'}${signature(stop)}${at === null ? '' : ` at ${at}`}: ${stop.reason}`;
}

/** A hold in words: its number, what it stops, who placed it, and why. */
export function holdText({ number, scope, source, person, role, reason }: Hold): string {
  const sources: Readonly<Record<HoldSource, string>> = {
    person: person === null ? 'a person' : `${person}${role === null ? '' : ` (${role})`}`,
    guard: 'a guard',
    gate: 'a gate',
    run: 'the run itself',
    temporal: 'Temporal, unsigned',
  };
  return `hold ${String(number)} of ${scope === 'run' ? 'the run' : `wave ${scope}`} by ${sources[source]}: ${reason}`;
}

/**
 * Whether a wave, its next attempt or its switch may begin (`wave` null: whether the whole run may go on), judged on what stands when everything else is settled. What was ordered against an
 * attempt that has been taken back does not stand against the next one; a rollback of the run does.
 */
export function mayBegin(what: Beginning, wave: string | null, standing: Standing): MayBegin {
  const { holds, stops } = wave === null ? standing : standingOn(standing, wave);
  const against = what === 'attempt' ? stops.filter(({ scope }) => scope === 'run') : stops;
  const stop = against.find(({ verb }) => verb === 'rollback') ?? against[0];
  if (stop !== undefined) return { may: false, why: stop.verb, detail: stopText(stop) };
  const [hold] = holds;
  return hold === undefined ? { may: true } : { may: false, why: 'hold', detail: holdText(hold) };
}
