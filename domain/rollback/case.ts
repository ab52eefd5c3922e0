import { changedFields, unmetFields, type PlainFields } from '../effects/fields.ts';
import type { UndoEnd } from '../effects/outcome.ts';
import type { SeenRecord } from '../effects/verdict.ts';
import type { RemovalKind, UndoKind } from './kind.ts';

/** Our image of a record after our newest effect on it. */
export interface AfterImage {
  /** Null where the record was not read back, so that its state then is not known. */
  readonly state: string | null;
  readonly fields: PlainFields;
  /** True when `fields` is the whole record as read back, false when it is only what was sent. */
  readonly whole: boolean;
  /** Names of the fields our effects wrote, for a whole image; otherwise all of `fields` are ours. */
  readonly ours?: readonly string[] | undefined;
}

/** One record of a rollback's scope, and what was read of it just now. */
export interface UndoCase {
  /** `created` by us; `matched`: it was there before; `adopted`: entered by a person in manual mode. */
  readonly origin: 'created' | 'matched' | 'adopted';
  readonly seen: SeenRecord | null;
  /** The oldest before-image in scope; null where we changed nothing that was there before. */
  readonly before: SeenRecord | null;
  readonly after: AfterImage;
  /** By state, from the adapter's capabilities. */
  readonly undoKinds: Readonly<Record<string, UndoKind>>;
  /** Milder kinds the plan allows for this object. */
  readonly allowedMilder: readonly UndoKind[];
  /** Something of its account that stays in the target needs the record. */
  readonly inUse: boolean;
  /** Somebody else worked on a record of ours, on what is not read of it as well: it may hold more than the images show. */
  readonly touched?: boolean | undefined;
  /** An undo of ours had brought it to a state, and somebody has brought it to another one since. */
  readonly broughtBack?: boolean | undefined;
  /** Fields the system changes by itself. */
  readonly volatile?: readonly string[] | undefined;
  /** Fields that hold decimal numbers. */
  readonly decimals?: readonly string[] | undefined;
  /** States our own undo passes through on its way (a quotation goes back to draft before it is deleted). */
  readonly halfWayStates?: readonly string[] | undefined;
  /** The kind the system refused last, and its own words. */
  readonly refused?: { readonly kind: RemovalKind | 'restore'; readonly message: string } | undefined;
}

/** What to do with the record, how it ends if that succeeds, and why. */
export interface UndoDecision {
  readonly act: RemovalKind | 'restore' | 'none';
  readonly end: UndoEnd;
  readonly reason: string;
  /** A person must look at it. */
  readonly exception: boolean;
  /** Names of the fields that somebody else changed since; `state` stands for the record's state. */
  readonly theirs: readonly string[];
  /** For `restore`: the fields to write back, and the state to bring back where ours differs from the one before. */
  readonly fields: PlainFields;
  readonly state: string | null;
  /** Our values in a record that was there before us are gone from it, or go with `act`, also where it is kept for its state. */
  readonly restored: boolean;
}

/** The name that stands for a record's state among names of fields. */
export const stateName = 'state';

/** Names of the fields our effects wrote. */
export function ourNames({ fields, ours }: AfterImage): readonly string[] {
  return ours ?? Object.keys(fields);
}

/** Names of the fields in which a record differs from our image of it. */
export function differingNames(undo: Pick<UndoCase, 'after' | 'volatile' | 'decimals'>, record: SeenRecord): readonly string[] {
  const { after } = undo;
  return after.whole ? changedFields(after.fields, record.fields, undo) : unmetFields(after.fields, record.fields, undo);
}

/** Names, the state among them, in which a record seen now is no longer as we left it. */
export function changedByOthers(
  undo: Pick<UndoCase, 'after' | 'volatile' | 'decimals' | 'halfWayStates'>,
  seen: SeenRecord,
): readonly string[] {
  const names = differingNames(undo, seen);
  const { state } = undo.after;
  const asWeLeftIt = state === null || seen.state === state || (undo.halfWayStates ?? []).includes(seen.state);
  return asWeLeftIt ? names : [...names, stateName];
}
