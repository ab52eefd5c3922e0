import { changedFields, pickFields, unmetFields, type FieldNature, type PlainFields } from '../effects/fields.ts';
import type { EffectOperation, SeenRecord } from '../effects/verdict.ts';
import type { AfterImage } from './case.ts';

/** One effect of ours that stands in a record: what it sent, and the record before and after it, as far as that was read. */
export interface OwnWrite {
  readonly operation: EffectOperation;
  readonly fields: PlainFields;
  readonly before: SeenRecord | null;
  readonly after: SeenRecord | null;
}

/** A record as it was before us and as we left it, by the images of all our writes to it. */
export interface OwnImages {
  /** Each field that we wrote as others had it last before we did, all other fields as our first write found them; null where nothing was read before. */
  readonly before: SeenRecord | null;
  /** The record after our newest write, but what others changed between two of our writes as it was before they did. */
  readonly after: AfterImage;
}

/** What a system says of an object's fields and states. */
export interface RecordNature extends FieldNature {
  /** States that our own operations of several steps pass through. */
  readonly halfWay?: readonly string[] | undefined;
  /** States of an activated document: the system itself takes it from one to the next. */
  readonly activated?: readonly string[] | undefined;
}

/** States in which these operations leave a record, whatever else they do. */
export const endStates: Partial<Record<EffectOperation, string>> = {
  deactivate: 'inactive',
  reactivate: 'active',
  cancel: 'cancelled',
};

/** What others changed since our last write, as the next one found it: what it left as theirs, and what it wrote over. */
interface Changes {
  readonly left: readonly string[];
  readonly replaced: readonly string[];
  readonly state: 'none' | 'left' | 'replaced';
}

/**
 * Folds the images of all our effects on one record, oldest first. What the next effect finds other than we had left it was changed by somebody, and
 * stays theirs unless that effect changed it: our image keeps what we had left, so that comparing it with the record as it is now names the change.
 */
export function foldImages(writes: readonly OwnWrite[], nature: RecordNature): OwnImages {
  let after: AfterImage = { state: null, fields: {}, whole: false, ours: [] };
  let before: SeenRecord | null = null;
  let sent: PlainFields = {};
  for (const write of writes) {
    const changes = changesSince(after, write, nature);
    before = nextBefore(before, write, changes, sent);
    sent = { ...sent, ...write.fields };
    after = nextAfter(after, write, changes, sent);
  }
  return { before, after };
}

function changesSince(after: AfterImage, { operation, fields, before, after: next }: OwnWrite, nature: RecordNature): Changes {
  if (before === null) return { left: [], replaced: [], state: 'none' };
  const names = after.whole ? changedFields(after.fields, before.fields, nature) : unmetFields(after.fields, before.fields, nature);
  const written = new Set(unmetFields(fields, before.fields, nature));
  const stays = next === null ? operation !== 'activate' && endStates[operation] === undefined : next.state === before.state;
  return {
    left: names.filter((name) => !written.has(name)),
    replaced: names.filter((name) => written.has(name)),
    state: isOwnState(after.state, before.state, nature) ? 'none' : stays ? 'left' : 'replaced',
  };
}

/** Whether a record that we left in one state got to another by our own or the system's doing. */
export function isOwnState(left: string | null, found: string, { halfWay = [], activated = [] }: RecordNature): boolean {
  return left === null || left === found || halfWay.includes(found) || (activated.includes(left) && activated.includes(found));
}

function nextBefore(known: SeenRecord | null, write: OwnWrite, changes: Changes, sent: PlainFields): SeenRecord | null {
  if (known === null || write.before === null) return known ?? write.before;
  const names = Object.keys(write.fields).filter((name) => !(name in sent) || changes.replaced.includes(name));
  return {
    state: changes.state === 'replaced' ? write.before.state : known.state,
    fields: { ...known.fields, ...pickFields(write.before.fields, names) },
  };
}

function nextAfter(after: AfterImage, { operation, after: next }: OwnWrite, { left, state }: Changes, sent: PlainFields): AfterImage {
  const found = next === null ? (endStates[operation] ?? null) : next.state;
  return {
    state: state === 'left' ? after.state : found,
    fields: { ...(next?.fields ?? sent), ...pickFields(after.fields, left) },
    whole: next !== null,
    ours: Object.keys(sent),
  };
}
