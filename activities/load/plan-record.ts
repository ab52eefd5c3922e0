import type { Operation, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { pickFields, unmetFields, type FieldNature } from '../../domain/effects/fields.ts';
import { recordText } from '../../domain/exceptions/key-text.ts';
import type { ExceptionKind } from '../../domain/exceptions/kind.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { Match } from '../../ledger/crosswalk.ts';
import type { CrosswalkRow } from '../../ledger/crosswalk-row.ts';
import type { NewException } from '../../ledger/exceptions.ts';
import type { Owner, SourceName } from '../../ledger/owners.ts';
import type { StagedRecord } from '../../ledger/records.ts';
import { matchVerdict } from '../../records/matching.ts';
import { strangeBy, type KeyNature } from './stranger.ts';

/** The note of a document stays writable in every state; the switch writes it. */
const noteField = 'comment';

/** One record with all that the decision about it rests on. */
export interface Situation {
  readonly object: ObjectPlan;
  readonly record: StagedRecord;
  /** What the mapping makes of it, and its hash; null where a reference is missing or a value cannot be mapped (see `problem`). */
  readonly desired: { readonly fields: Fields; readonly hash: string } | null;
  readonly problem: NewException | null;
  readonly row: CrosswalkRow | null;
  /** The target record of `row`, or the candidates found for a record without one. */
  readonly seen: readonly TargetRecord[];
  /** The target record of `row` is a document that one of our own calls left between two states. */
  readonly halfWay: boolean;
  /** The target record of `row`, or the first candidate, is a document that has been activated. */
  readonly activated: boolean;
  /** It was activated in an earlier attempt, whose rollback had to leave it; told of changed records only. */
  readonly activatedBefore: boolean;
  /** What the target should hold of `row` by the last load, field by field; empty where nothing is due or nobody knows. */
  readonly baseline: Fields;
  /**
   * Of a record that vanished: names of the fields (`state` among them) in which its target is no longer as our last write left it, or the words that
   * somebody worked on what is not read of it.
   */
  readonly edited: readonly string[];
  /** Owners of the candidates that stand for other source records, by target id. */
  readonly taken: ReadonlyMap<string, Owner>;
  /** Candidates that a write of ours for this very record may have reached, by target id. */
  readonly ours: ReadonlySet<string>;
  /** It has no key, and the answer to its create was lost in an earlier attempt: whether it is in the target nobody can tell. */
  readonly mayBeThere: boolean;
  /** The plan's fallback for records that cannot be matched, already looked up. */
  readonly fallback: TargetRecord | null;
  /** Which of the target's fields hold decimal numbers, and which it changes by itself; and what its key says. */
  readonly nature: FieldNature & KeyNature;
}

export type Action =
  | { readonly act: 'none' }
  /** `keeps`: what stands in the target stays there as it is, and stands for this record no more until a later load finds them equal. */
  | { readonly act: 'exception'; readonly exception: NewException; readonly keeps?: true }
  /** Recognised as this record, nothing to write. */
  | { readonly act: 'match'; readonly target: TargetRecord; readonly hash: string | null; readonly shares: Match['shares'] }
  | {
      readonly act: 'write';
      readonly operation: Operation;
      readonly fields: Fields;
      readonly hash: string;
      readonly target: TargetRecord | null;
      readonly origin: 'created' | 'matched' | null;
    }
  /** A document that a call of several steps left on its way: bringing it to its rest is an update without fields. */
  | { readonly act: 'rest'; readonly target: TargetRecord; readonly hash: string }
  /** Stands in the target from an earlier attempt and may not be written there; its content counts as it is. */
  | { readonly act: 'keep'; readonly target: TargetRecord; readonly hash: string | null };

/** Decides what is to be done with one record of a load (nothing twice, no guessing, and the forward compare-and-set of P2). Pure. */
export function planRecord(situation: Situation): Action {
  const { record, row, problem } = situation;
  if (record.disposition === 'gone') return planTombstone(situation);
  if (problem !== null) return { act: 'exception', exception: problem };
  return row === null ? planUnmatched(situation) : planKnown(situation, row);
}

/** The exception of a record whose target record stands for another one; it names both. */
export function ownedBy(
  { target, manyToOne }: Pick<ObjectPlan, 'target' | 'manyToOne'>,
  { object, sourceId, account }: Pick<StagedRecord, 'object' | 'sourceId' | 'account'>,
  targetId: string,
  owner: SourceName & Partial<Pick<Owner, 'gone'>>,
): NewException {
  const also = manyToOne ? '' : ' (or let the plan say `manyToOne` where many may map to one)';
  const [own, other] = [recordText({ object, sourceId }), recordText(owner)];
  const what = `${target.object} ${targetId} of ${target.system} would stand for ${own}, and it`;
  const message =
    owner.gone === true
      ? `${what} still stands for ${other}, which is gone from the legacy system: something of ours is in it. Where a load is to delete it, that frees it for the next one; else take back the wave that wrote it, or change it in ${target.system} so that it is not found for ${own}. Then start the next attempt.`
      : `${what} already stands for ${other}. Merge the two in the legacy system, or correct what makes them look the same${also}, then start the next attempt.`;
  return { object, sourceId, account, kind: 'twoMatches', message, candidates: [targetId] };
}

type Unfit = Extract<Action, { act: 'exception' }>;

function exception({ record }: Situation, kind: ExceptionKind, message: string, candidates: readonly string[] = []): Unfit {
  return {
    act: 'exception',
    exception: { object: record.object, sourceId: record.sourceId, account: record.account, kind, message, candidates },
  };
}

/** Vanished in the source: what we created goes; what was there before us, was worked on since or was left by a rollback stays, and a person looks at it. */
function planTombstone(situation: Situation): Action {
  const {
    row,
    edited,
    seen: [target],
  } = situation;
  if (row === null || target === undefined) return { act: 'none' };
  const why = [
    ...(row.origin === 'created' ? [] : ['in the target it was there before us']),
    ...(row.state === 'live' ? [] : ['a rollback had to leave it in the target']),
    ...(edited.length === 0 ? [] : [`somebody worked on it in the target (${edited.join(', ')})`]),
  ];
  if (why.length > 0)
    return exception(
      situation,
      'changedByPerson',
      `The record vanished from the legacy system, but ${why.join(', and ')}: decide there what becomes of it.`,
      [row.targetId],
    );
  return { act: 'write', operation: 'delete', fields: {}, hash: 'gone', target, origin: null };
}

function planUnmatched(situation: Situation): Action {
  const { object, record, desired, seen, taken, fallback } = situation;
  if (desired === null) return { act: 'none' };
  const match = matchVerdict(seen);
  if (match.verdict === 'ambiguous')
    return exception(
      situation,
      'twoMatches',
      `${String(match.ids.length)} records of ${object.target.system} may be this one; merge or correct them there, then start the next attempt.`,
      match.ids,
    );
  const target = match.verdict === 'matched' ? match.record : undefined;
  const strange = target === undefined || situation.ours.has(target.id) ? null : strangeBy(situation.nature, desired.fields, target);
  if (target !== undefined && strange !== null && !taken.has(target.id)) return ofSomebodyElse(situation, target.id, strange);
  if (object.mode === 'match') {
    const owner = target === undefined ? undefined : taken.get(target.id);
    if (target?.state === 'active')
      return owner === undefined || object.manyToOne
        ? { act: 'match', target, hash: null, shares: object.manyToOne ? 'beside' : 'never' }
        : { act: 'exception', exception: ownedBy(object, record, target.id, owner) };
    if (fallback !== null) return { act: 'match', target: fallback, hash: null, shares: 'always' };
    return exception(
      situation,
      'noMatch',
      `${object.target.system} has no active ${object.target.object} for this record, and the plan creates none; set it up there.`,
      target === undefined ? [] : [target.id],
    );
  }
  if (target === undefined && situation.mayBeThere) return maybeThere(situation);
  if (target === undefined)
    return { act: 'write', operation: 'create', fields: desired.fields, hash: desired.hash, target: null, origin: 'created' };
  const owner = taken.get(target.id);
  if (owner !== undefined) return { act: 'exception', exception: ownedBy(object, record, target.id, owner) };
  const differing = unmetFields(desired.fields, target.fields, { decimals: situation.nature.decimals });
  const unmet = situation.activated ? differing.filter((name) => name !== noteField) : differing;
  if (unmet.length === 0) return { act: 'match', target, hash: desired.hash, shares: 'never' };
  if (situation.activated) return changedActivated(situation, target.id, unmet);
  return {
    act: 'write',
    operation: 'update',
    fields: pickFields(desired.fields, differing),
    hash: desired.hash,
    target,
    origin: 'matched',
  };
}

/** The exception of a record whose key stands in one that belongs to somebody else: whether it is this one, people must say. */
function ofSomebodyElse(situation: Situation, targetId: string, owner: string): Action {
  const { system, object } = situation.object.target;
  const what = `${object} ${targetId} of ${system} has the key of this record, but its ${owner} is another one: nothing was written to it.`;
  const remedy = `Where it has nothing to do with this record, give it another ${situation.nature.keyField} in ${system}; where it is this one, correct its ${owner} there. Then start the next attempt.`;
  return exception(situation, 'twoMatches', `${what} ${remedy}`, [targetId]);
}

/** The exception of a record without a key that may be in the target already: sent again it could be there twice. */
function maybeThere(situation: Situation): Action {
  const { object, nature } = situation;
  const what = `An earlier attempt sent this record to ${object.target.system} and got no answer; it has no ${nature.keyField} by which it could be looked for, so that it is not sent again.`;
  const remedy = `Where ${object.target.system} has it, delete it there; give it a ${nature.keyField} in legacy, and the next load makes it.`;
  return exception(situation, 'twoMatches', `${what} ${remedy}`);
}

function planKnown(situation: Situation, row: CrosswalkRow): Action {
  const {
    object,
    desired,
    seen: [target],
    halfWay,
    nature,
  } = situation;
  if (desired === null) return { act: 'none' };
  if (object.mode === 'match' && target !== undefined)
    return row.state === 'kept' ? { act: 'keep', target, hash: row.contentHash } : { act: 'none' };
  if (target === undefined)
    return exception(
      situation,
      'goneFromTarget',
      `It was in ${object.target.system} and is no longer there; somebody removed it. Its account stays in legacy: take its wave back, and the next attempt makes it anew.`,
      [row.targetId],
    );
  if (row.state === 'deactivated')
    return { act: 'write', operation: 'reactivate', fields: desired.fields, hash: desired.hash, target, origin: null };
  if (row.contentHash === desired.hash) {
    const mayRest = row.state !== 'kept' || unmetFields(desired.fields, target.fields, nature).length === 0;
    if (halfWay && mayRest) return { act: 'rest', target, hash: desired.hash };
    return row.state === 'kept' ? { act: 'keep', target, hash: desired.hash } : { act: 'none' };
  }
  return planMoved(situation, row, target, desired);
}

/** Its source has moved on since the last load, or since an earlier attempt left it. */
function planMoved(
  situation: Situation,
  row: CrosswalkRow,
  target: TargetRecord,
  { fields, hash }: NonNullable<Situation['desired']>,
): Action {
  const { baseline, activated, nature } = situation;
  const changed = Object.keys(fields).filter((name) => !(name in baseline) || !holds(baseline, name, fields, nature));
  const unmet = changed.filter((name) => !(activated && name === noteField) && !holds(target.fields, name, fields, nature));
  if ((row.state === 'kept' || activated) && unmet.length === 0) return { act: 'keep', target, hash };
  if (activated) return changedActivated(situation, row.targetId, unmet);
  const theirs = changed.filter((name) => !holds(target.fields, name, baseline, nature) && !holds(target.fields, name, fields, nature));
  if (theirs.length > 0)
    return exception(
      situation,
      'changedByPerson',
      `The target holds neither what the last load left there nor what the source says now: ${theirs.join(', ')}. It keeps its values until somebody decides.`,
      [row.targetId],
    );
  return { act: 'write', operation: 'update', fields: pickFields(fields, changed), hash, target, origin: null };
}

/** A document that has been activated and that the source has changed since: the target lets nobody change it any more, so that nothing is sent. */
function changedActivated(situation: Situation, targetId: string, names: readonly string[]): Action {
  const { target, whenMissing } = situation.object;
  const what = `It is activated in ${target.system}, where nobody can change it any more, and differs from the legacy system in ${names.join(', ')}.`;
  const stays = whenMissing === 'accountStays' ? 'its account stays in legacy' : 'it stays as it is';
  const remedy = `Take the change back in legacy, or credit it in ${target.system} and enter the new one there by hand; until then ${stays}.`;
  const found = exception(situation, 'changedByPerson', `${what} ${remedy}`, [targetId]);
  return situation.activatedBefore ? { ...found, keeps: true } : found;
}

/** Whether a record has the value of this field that another one names; a field it does not have counts as empty. */
function holds(record: Fields, name: string, wanted: Fields, { decimals }: FieldNature): boolean {
  return unmetFields(pickFields(wanted, [name]), record, { decimals }).length === 0;
}
