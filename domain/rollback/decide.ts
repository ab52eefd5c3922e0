import { changedFields, pickFields } from '../effects/fields.ts';
import type { SeenRecord } from '../effects/verdict.ts';
import { changedByOthers, differingNames, ourNames, stateName, type UndoCase, type UndoDecision } from './case.ts';
import { endStates } from './images.ts';
import { kindForState, milderKind, type RemovalKind } from './kind.ts';

const nothing = { act: 'none', exception: false, theirs: [], fields: {}, state: null, restored: false } as const;

function keep(reason: string, theirs: readonly string[]): UndoDecision {
  return { ...nothing, end: 'kept', reason: `Kept: ${reason}.`, exception: true, theirs };
}

function irreversible(seen: SeenRecord, theirs: readonly string[]): UndoDecision {
  const reason = `In state ${seen.state} the system lets nobody take it back.`;
  return { ...nothing, end: 'irreversible', reason, theirs, exception: theirs.length > 0 };
}

/** A record that cannot go the way the system offers for its state: it goes the next milder way, or stays. */
function removeMilder(undo: UndoCase, seen: SeenRecord, kind: RemovalKind, why: string, theirs: readonly string[]): UndoDecision {
  const milder = milderKind(kind, undo.allowedMilder);
  if (milder === null) return keep(`${why}, and the plan allows nothing milder`, theirs);
  if (seen.state === endStates[milder]) return keep(`${why}; it is already ${seen.state}`, theirs);
  return { ...nothing, act: milder, end: 'kept', reason: `Taken out of use by ${milder}: ${why}.`, exception: true, theirs };
}

function decideCreated(undo: UndoCase, seen: SeenRecord): UndoDecision {
  const theirs = changedByOthers(undo, seen);
  const kind = kindForState(undo.undoKinds, seen.state);
  if (undo.broughtBack === true) return keep('we had taken it out of use, and somebody brought it back', theirs);
  if (kind === 'impossible') {
    return theirs.includes(stateName)
      ? keep(`somebody brought it to state ${seen.state}, from which the system lets nobody take it back`, theirs)
      : irreversible(seen, theirs);
  }
  const ours = ourNames(undo.after);
  if (theirs.some((name) => name === stateName || ours.includes(name))) return keep('somebody changed what we wrote', theirs);
  if (kind === 'restore') return keep('the system offers no way to remove it', theirs);
  if (undo.refused !== undefined && undo.refused.kind !== 'restore') {
    return removeMilder(undo, seen, undo.refused.kind, `the system refused to ${undo.refused.kind} it (${undo.refused.message})`, theirs);
  }
  if (theirs.length > 0) return removeMilder(undo, seen, kind, 'somebody added to it', theirs);
  if (undo.touched === true && kind === 'delete')
    return removeMilder(undo, seen, kind, 'somebody worked on it, maybe on what the runner does not read', theirs);
  if (seen.state === endStates[kind]) return { ...nothing, end: 'undone', reason: `It is already ${seen.state}.` };
  return { ...nothing, act: kind, end: 'undone', reason: 'We made it and it is as we left it.' };
}

/**
 * The decision on a record of ours that an earlier try took out of use in a milder way than the one decided on: what kept that try from the other way
 * is not known any more, and nothing is removed that it did not remove.
 */
export function takenMilder(decision: UndoDecision, act: RemovalKind): UndoDecision {
  const reason = `Taken out of use by ${act}: the system refused another way, or somebody had worked on it.`;
  return { ...decision, act, end: 'kept', exception: true, reason };
}

/** What was there before us: only the fields that we changed go back, and only while they are as we left them. */
function decideRestore(undo: UndoCase, seen: SeenRecord, before: SeenRecord): UndoDecision {
  const mine = ourNames(undo.after);
  const ours = differingNames(undo, before).filter((name) => mine.includes(name));
  const stateBack = undo.after.state === null || undo.after.state === before.state ? null : before.state;
  const back = pickFields(before.fields, ours);
  // What is back already is nobody's change: an undo of several writes may have died between them.
  const due: readonly string[] = changedFields(back, pickFields(seen.fields, ours), undo);
  const stateIsDue = stateBack !== null && seen.state !== stateBack;
  if (due.length === 0 && !stateIsDue) return { ...nothing, end: 'undone', reason: 'It is as it was before us.' };
  const theirs = changedByOthers(undo, seen).filter((name) => due.includes(name) || (name === stateName && stateIsDue));
  const isBack = ours.length > 0 && due.length === 0;
  if (kindForState(undo.undoKinds, seen.state) === 'impossible') return { ...irreversible(seen, theirs), restored: isBack };
  if (theirs.length > 0) return { ...keep('somebody changed what we wrote', theirs), restored: isBack };
  if (undo.broughtBack === true)
    return { ...keep('we had brought its state back, and somebody changed it since', theirs), restored: isBack };
  if (undo.refused !== undefined)
    return { ...keep(`the system refused to ${undo.refused.kind} it (${undo.refused.message})`, theirs), restored: isBack };
  return {
    ...nothing,
    act: 'restore',
    end: 'undone',
    reason: 'It was there before us and is as we left it.',
    fields: pickFields(back, due),
    state: stateIsDue ? stateBack : null,
    restored: ours.length > 0,
  };
}

/**
 * Decides how one record is taken back. Only what we created is ever removed; what was there before gets back the fields we changed, and
 * only where it is still as we left it: a person's edit is never overwritten but becomes an exception. Whoever carries the decision
 * out makes the write conditional on the stamp that came with `seen`, and asks again with `refused` where the system says no.
 */
export function decideUndo(undo: UndoCase): UndoDecision {
  const { seen, before, origin } = undo;
  if (seen === null) return { ...nothing, end: 'undone', reason: 'It was removed by someone.', exception: origin !== 'created' };
  if (undo.inUse) return { ...nothing, end: 'kept', reason: 'Kept: something of its account that stays in the target needs it.' };
  if (origin === 'created') return decideCreated(undo, seen);
  if (before !== null) return decideRestore(undo, seen, before);
  const reason = 'It was not made by us, and we changed nothing in it.';
  return { ...nothing, end: origin === 'adopted' ? 'kept' : 'undone', reason };
}
