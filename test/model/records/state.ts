import type { EffectStatus } from '../../../domain/effects/outcome.ts';
import type { WaveState } from '../../../domain/waves/state.ts';

/** How old a call is: its deadline is to come, then its horizon, then both are past. */
export type Age = 'young' | 'overdue' | 'past';

/** One call of a batch. `sent`: in time; `sentLate`: by a process that slept between the check of the deadline and the socket. */
export interface Call {
  /** The records it writes, by number. */
  readonly records: readonly number[];
  readonly age: Age;
  readonly net: 'none' | 'sent' | 'sentLate' | 'landed' | 'rejected' | 'lost';
  /** The records whose part of the call neither a receipt nor a verdict has closed. */
  readonly open: readonly number[];
}

/** What a call made of one record in the target. `hidden`: committed, and no search shows it yet. */
export type Create = 'none' | 'hidden' | 'seen' | 'edited' | 'removedByUs' | 'removedByPerson';

export type Undo = 'none' | 'intended' | 'done' | 'kept';

/** One activity attempt. `valid`: its token is the lane's; `session`: its session in the target lives. */
export interface Worker {
  readonly at: 'idle' | 'ready' | 'intended' | 'checked' | 'sent' | 'answered' | 'read';
  readonly valid: boolean;
  readonly session: boolean;
  /** The call in hand. */
  readonly call: number;
  readonly reading: Reading | null;
}

/** A search by key in hand: the creates it showed, the calls that were open when it began, and their ages then, as the reader may count them. */
export interface Reading {
  readonly shown: readonly string[];
  readonly open: readonly number[];
  readonly past: readonly number[];
}

/** One wave, its few records, the calls that write them, two workers, a sweep, a rollback, and the target. */
export interface RecordState {
  readonly wave: WaveState;
  readonly held: boolean;
  readonly holdsLeft: number;
  readonly personsLeft: number;
  readonly calls: readonly Call[];
  /** Of every record. */
  readonly status: readonly EffectStatus[];
  readonly crosswalk: readonly (number | null)[];
  readonly exception: readonly boolean[];
  /** By call and record, written `call.record`. */
  readonly creates: Readonly<Record<string, Create>>;
  readonly undo: Readonly<Record<string, Undo>>;
  readonly late: readonly string[];
  readonly workers: readonly [Worker, Worker];
  readonly laneEnded: boolean;
  readonly swept: boolean;
  readonly sweeping: readonly string[] | null;
  readonly rollback: 'idle' | 'raised' | 'waited' | 'searched' | 'undoing';
  readonly found: readonly string[];
  /** What went wrong on the way here, for invariants that speak of a step. */
  readonly marks: readonly Mark[];
}

export type Mark = 'intentAfterRaise' | 'personsWorkLost' | 'createAfterDone' | 'doubleInTime' | 'switchedBlind' | 'sentLate';

export const idle: Worker = { at: 'idle', valid: false, session: false, call: 0, reading: null };

/** The name of what one call made of one record. */
export function nameOf(call: number, record: number): string {
  return `${String(call)}.${String(record)}`;
}

export function initialState(records: number, holds: number, persons: number): RecordState {
  const each = <T>(value: T): readonly T[] => Array.from({ length: records }, () => value);
  return {
    wave: 'loading',
    held: false,
    holdsLeft: holds,
    personsLeft: persons,
    calls: [],
    status: each('absent'),
    crosswalk: each(null),
    exception: each(false),
    creates: {},
    undo: {},
    late: [],
    workers: [idle, idle],
    laneEnded: false,
    swept: false,
    sweeping: null,
    rollback: 'idle',
    found: [],
    marks: [],
  };
}

const order = (worker: Worker): string => JSON.stringify(worker);

/** Two workers are interchangeable: their order tells nothing. */
export function keyOf(state: RecordState): string {
  const [one, two] = state.workers.map(order).sort();
  const sorted = (map: Readonly<Record<string, string>>): string => Object.entries(map).sort().join(';');
  return [
    state.wave,
    state.held,
    state.holdsLeft,
    state.personsLeft,
    state.calls.map(({ records, age, net, open }) => `${records.join()} ${age} ${net} ${open.join()}`).join(';'),
    state.status.join(),
    state.crosswalk.join(),
    state.exception.join(),
    sorted(state.creates),
    sorted(state.undo),
    [...state.late].sort().join(),
    one,
    two,
    state.laneEnded,
    state.swept,
    state.sweeping === null ? '-' : state.sweeping.join(),
    state.rollback,
    state.found.join(),
    [...state.marks].sort().join(),
  ].join('|');
}

/** Whether something of ours, or a person's edit of it, is in the target. */
export function isLive(create: Create | undefined): boolean {
  return create === 'hidden' || create === 'seen' || create === 'edited';
}

export function isSeen(create: Create | undefined): boolean {
  return create === 'seen' || create === 'edited';
}
