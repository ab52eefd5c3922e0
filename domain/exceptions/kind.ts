/**
 * What an exception of a kind means for the run: it keeps its account in legacy, because nobody can tell which record it is; a later load that
 * finds its cause gone closes it; a rollback of its wave makes it void; it lasts past a rollback, for people to look at; something of the account
 * stands in the target because of it; a switch that takes the record over closes it.
 */
export type Meaning = 'blocksAccount' | 'curedByLoad' | 'voidedByRollback' | 'lastsPastRollback' | 'standsInTarget' | 'curedBySwitch';

const ofLoad = ['curedByLoad', 'voidedByRollback'] as const;
const ofRollback = ['lastsPastRollback', 'standsInTarget'] as const;
const leftByRollback = [...ofRollback, 'curedBySwitch'] as const;

/** Everything that can be wrong with a record so that a person must look at it. */
const table = {
  /** Two or more records of the target may be this one, or the one found stands for another. */
  twoMatches: ['blocksAccount', ...ofLoad],
  /** The plan matches such records and creates none, and none was found. */
  noMatch: ['blocksAccount', ...ofLoad],
  /** It names a record that is not in the target. */
  missingReference: ofLoad,
  /** Another record of its account blocks it. */
  accountInException: ofLoad,
  /** The mapping cannot make a value of it. */
  invalid: ofLoad,
  /** The target refused to write it. */
  refused: ofLoad,
  /** Somebody removed it from the target. */
  goneFromTarget: ofLoad,
  /** Somebody changed in the target what the source changed too, or what would be deleted. */
  changedByPerson: ofLoad,
  /** A second record of ours stands under its key. */
  double: ['voidedByRollback'],
  /** A query of the source no longer yields what it did. */
  sourceVanished: ['voidedByRollback'],
  /** The legacy configuration is not as it was frozen. */
  configurationDrift: [],
  /** Nobody can tell whether a write was applied. */
  ambiguousOutcome: ['lastsPastRollback'],
  /** A document that cannot be taken back. */
  remains: leftByRollback,
  /** A record that a rollback left, because somebody works with it or the system refused. */
  keptByRollback: leftByRollback,
  /** Entered by people in the new system since the switch. */
  newBusiness: ofRollback,
} as const satisfies Readonly<Record<string, readonly Meaning[]>>;

/** The closed list of what an exception can be. */
export type ExceptionKind = keyof typeof table;

export const exceptionKinds = Object.keys(table) as readonly ExceptionKind[];

/** The kinds that mean this. */
export function kindsThat(meaning: Meaning): readonly ExceptionKind[] {
  return exceptionKinds.filter((kind) => (table[kind] as readonly Meaning[]).includes(meaning));
}
