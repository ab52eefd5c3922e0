import type { Store } from './store.ts';

/** What a user may do. */
export interface Access {
  readonly id: string;
  readonly username: string;
  /** Rights taken away, such as `update Account`. */
  readonly missingRights: ReadonlySet<string>;
  /** May see who holds which permission: setup is hidden from everybody else. */
  readonly administrator: boolean;
}

/** Users the sandbox itself has: who the connected apps of the runner, of a person and of the administrator run as. */
export const ownUsers = ['cutover', 'sales', 'admin'] as const;
export type OwnUser = (typeof ownUsers)[number];

/** Lays down the sandbox's own users, before anything else; they made themselves. */
export function createOwnUsers(store: Store): Readonly<Record<OwnUser, string>> {
  const make = (name: OwnUser): string => {
    const username = `${name}@organization.example`;
    const { values } = store.insert('User', { Username: username, Email: username, Name: name, IsActive: true }, '');
    return String(values['Id']);
  };
  return { cutover: make('cutover'), sales: make('sales'), admin: make('admin') };
}

/** Gives a user every right by a permission set, as a profile does with a set of its own. */
export function grantAllData(store: Store, user: string, by: string): void {
  const set = store.insert('PermissionSet', { Label: 'Modify All Data', PermissionsModifyAllData: true }, by);
  store.insert('PermissionSetAssignment', { AssigneeId: user, PermissionSetId: set.values['Id'] ?? null }, by);
}
