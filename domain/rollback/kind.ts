/** How a system lets a record be taken back, mildest last; `impossible` where it cannot be. */
export type UndoKind = 'delete' | 'deactivate' | 'cancel' | 'restore' | 'impossible';

/** The kinds by which a record that we created goes out of use. */
export type RemovalKind = 'delete' | 'deactivate' | 'cancel';

/** Whether an operation takes a record out of use. */
export function isRemoval(operation: string): operation is RemovalKind {
  return Object.hasOwn(milderThan, operation);
}

const milderThan = { delete: ['deactivate', 'cancel'], deactivate: ['cancel'], cancel: [] } as const;

/** The next milder way to take back a record that we created, among those the plan allows; null where there is none. */
export function milderKind(kind: RemovalKind, allowed: readonly UndoKind[]): RemovalKind | null {
  return milderThan[kind].find((milder) => allowed.includes(milder)) ?? null;
}

/** The kind for a record in this state; `*` stands for any state that is not named. */
export function kindForState(kinds: Readonly<Record<string, UndoKind>>, state: string): UndoKind {
  return kinds[state] ?? kinds['*'] ?? 'impossible';
}
