import type { Verdict } from './outcome.ts';
import { fieldsEqual, pickFields, unmetFields, type PlainFields } from './fields.ts';

/** What an effect does to one record of a target system. */
export type EffectOperation = 'create' | 'update' | 'activate' | 'delete' | 'deactivate' | 'reactivate' | 'cancel' | 'annotate';

/** A record as it was read: its state (`draft`, `quotation`, `active`, `inactive`) and its fields. */
export interface SeenRecord {
  readonly state: string;
  readonly fields: PlainFields;
}

/** An effect whose outcome is unknown, and one read of its target. All times are milliseconds of the ledger's clock. */
export interface UnknownEffect {
  readonly effect: {
    readonly operation: EffectOperation;
    /** What was sent. */
    readonly fields: PlainFields;
    /** The record before the call; null for a create. */
    readonly before: SeenRecord | null;
    /** States in which the operation ends, for operations that move a record to another state; has defaults for all but `activate`. */
    readonly endStates?: readonly string[] | undefined;
    /** States an update of several steps passes through (back to draft, changed, quoted again). */
    readonly halfWayStates?: readonly string[] | undefined;
  };
  readonly seen: SeenRecord | null;
  /** False where the read could not tell a record that is not there from one that is. */
  readonly isSought?: boolean | undefined;
  readonly readBeganAtMs: number;
  /** Every call of the effect that is not closed. */
  readonly calls: readonly { readonly intendedAtMs: number }[];
  readonly limits: { readonly callTimeoutMs: number; readonly commitHorizonMs: number; readonly readLagMs: number };
  /** Whether the record found is proved ours, proved not ours, or can be neither. */
  readonly proof: 'ours' | 'notOurs' | 'none';
  /** Fields the system changes by itself. */
  readonly volatile?: readonly string[] | undefined;
  /** Fields that hold decimal numbers. */
  readonly decimals?: readonly string[] | undefined;
}

const defaultEndStates: Partial<Record<EffectOperation, readonly string[]>> = {
  deactivate: ['inactive'],
  reactivate: ['active'],
  cancel: ['cancelled'],
};

/** Whether the read began after the last instant at which any of the calls could still be committed or be hidden by read lag. */
export function isPastHorizon(unknown: Pick<UnknownEffect, 'readBeganAtMs' | 'calls' | 'limits'>): boolean {
  const { callTimeoutMs, commitHorizonMs, readLagMs } = unknown.limits;
  return unknown.calls.every(({ intendedAtMs }) => unknown.readBeganAtMs > intendedAtMs + callTimeoutMs + commitHorizonMs + readLagMs);
}

type Sight = 'done' | 'notDone' | 'unclear';

function sightOfCreate({ seen, proof, isSought }: UnknownEffect): Sight {
  if (seen === null) return isSought === false ? 'unclear' : 'notDone';
  return proof === 'ours' ? 'done' : 'unclear';
}

/** Whether the fields sent are all there, or all still as they were. */
function sightOfFields(unknown: UnknownEffect): Sight {
  const { effect, seen } = unknown;
  if (seen === null) return 'unclear';
  if (unmetFields(effect.fields, seen.fields, unknown).length === 0) return 'done';
  const names = Object.keys(effect.fields);
  const before = effect.before?.fields;
  return before !== undefined && fieldsEqual(pickFields(before, names), pickFields(seen.fields, names), unknown) ? 'notDone' : 'unclear';
}

/** An update that stopped half-way is not done, even where its fields are there: sending it again ends it. */
function sightOfUpdate(unknown: UnknownEffect): Sight {
  const fields = sightOfFields(unknown);
  const halfWay = unknown.seen !== null && (unknown.effect.halfWayStates ?? []).includes(unknown.seen.state);
  return fields === 'done' && halfWay ? 'notDone' : fields;
}

/** Whether the record stands in an end state of the operation, or still where it stood; fields sent along must agree. */
function sightOfState(unknown: UnknownEffect): Sight {
  const { effect, seen } = unknown;
  if (seen === null) return 'unclear';
  const ends = effect.endStates ?? defaultEndStates[effect.operation] ?? [];
  if (ends.includes(seen.state)) return sightOfFields(unknown) === 'done' ? 'done' : 'unclear';
  return seen.state === effect.before?.state ? 'notDone' : 'unclear';
}

function sight(unknown: UnknownEffect): Sight {
  switch (unknown.effect.operation) {
    case 'create':
      return sightOfCreate(unknown);
    case 'delete':
      return unknown.seen === null ? 'done' : 'notDone';
    case 'update':
    case 'annotate':
      return sightOfUpdate(unknown);
    case 'activate':
    case 'deactivate':
    case 'reactivate':
    case 'cancel':
      return sightOfState(unknown);
  }
}

/**
 * Judges an unknown outcome by what the target shows. Done is `applied` at once. Anything else is only said by a read that began past
 * the horizon of every open call: not done is `absent` and may be sent again, unclear is `ambiguous` and is never sent again.
 * A record of ours that a create left half-way is `applied`: it is there, and bringing it to its resting state is an update.
 */
export function judgeUnknown(unknown: UnknownEffect): Verdict {
  const seen = sight(unknown);
  if (seen === 'done') return 'applied';
  if (!isPastHorizon(unknown)) return 'wait';
  return seen === 'notDone' ? 'absent' : 'ambiguous';
}
