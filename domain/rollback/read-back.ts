import { changedFields, pickFields, unmetFields } from '../effects/fields.ts';
import type { SeenRecord } from '../effects/verdict.ts';
import { stateName } from './case.ts';
import { endStates, isOwnState, type OwnWrite, type RecordNature } from './images.ts';

/** A write of ours that was applied, and its record as it was read back at the end of its lane. */
export type ReadBack = Omit<OwnWrite, 'after'> & { readonly read: SeenRecord };

/** What a system says of an object, with the state in which its records rest; null where they have no such state. */
export interface RestingNature extends RecordNature {
  readonly rest: string | null;
}

/**
 * Names, the state among them, in which a record that was read back is other than our write leaves it, by all that we know: somebody changed it in
 * between, or the system writes it in a way of its own. Of what a create or an activation did not send nobody can tell what the system makes of it.
 */
export function doubtfulNames(write: ReadBack, nature: RestingNature): readonly string[] {
  const { operation, fields, before, read } = write;
  const looksAtAll = before !== null && (operation === 'update' || operation === 'annotate');
  const unsent = looksAtAll ? changedFields(before.fields, read.fields, nature).filter((name) => !(name in fields)) : [];
  const left = stateLeft(write, nature);
  const isLeft = left === null || isOwnState(left, read.state, nature);
  // A field that the system does not show is one that nobody can be seen to have changed.
  const unmet = unmetFields(fields, read.fields, nature).filter((name) => name in read.fields);
  return [...unmet, ...unsent, ...(isLeft ? [] : [stateName])];
}

/** The record as our write left it, where somebody else changed it before it was read back: these names are as we sent or found them. */
export function asWeLeftIt(write: ReadBack, names: readonly string[], nature: RestingNature): SeenRecord {
  const { fields, before, read } = write;
  const theirs = names.filter((name) => name !== stateName);
  return {
    state: (names.includes(stateName) ? stateLeft(write, nature) : null) ?? read.state,
    fields: { ...read.fields, ...pickFields({ ...before?.fields, ...fields }, theirs) },
  };
}

/** The state in which our write leaves its record; null where it may be one of several. */
function stateLeft({ operation, before }: ReadBack, { rest, halfWay = [] }: RestingNature): string | null {
  if (operation === 'activate') return null;
  const found = before === null || halfWay.includes(before.state) ? (rest ?? 'active') : before.state;
  return endStates[operation] ?? found;
}
