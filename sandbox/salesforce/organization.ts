import { ApiError } from './errors.ts';
import type { FieldDefinition, ObjectDefinition } from './schema.ts';
import { schema } from './schema.ts';
import type { SalesforceSeed } from './seed-data.ts';
import type { Store } from './store.ts';
import type { Access, OwnUser } from './users.ts';

/** Settings of the organization that a seed may change while it runs. */
export type Settings = Pick<
  SalesforceSeed,
  | 'missingFields'
  | 'missingRights'
  | 'administrator'
  | 'sharedTokens'
  | 'lasting'
  | 'dailyRequests'
  | 'queryPage'
  | 'duplicateRules'
  | 'revertedFields'
>;

export type Right = 'read' | 'create' | 'update' | 'delete';

/** One organization: its records, what its objects look like, and who may do what. */
export interface Organization {
  readonly id: string;
  readonly store: Store;
  readonly users: Readonly<Record<OwnUser, string>>;
  readonly settings: Settings;
  /** An object as it is here; refuses names there are none of. */
  definition(type: string): ObjectDefinition;
  access(userId: string): Access;
}

interface OrganizationInput {
  readonly id: string;
  readonly store: Store;
  readonly users: Readonly<Record<OwnUser, string>>;
  readonly settings: () => Settings;
}

export function createOrganization({ id, store, users, settings }: OrganizationInput): Organization {
  return {
    id,
    store,
    users,
    get settings() {
      return settings();
    },
    definition: (type) => {
      const definition = schema[type];
      if (definition === undefined) throw new ApiError(400, 'INVALID_TYPE', `sObject type '${type}' is not supported.`);
      return { ...definition, fields: present(definition.fields, settings().missingFields ?? []) };
    },
    access: (userId) => {
      const { missingRights, administrator } = settings();
      const isIntegration = userId === users.cutover;
      return {
        id: userId,
        username: String(store.get(userId)?.values['Username'] ?? userId),
        missingRights: new Set(isIntegration ? missingRights : []),
        administrator: userId === users.admin || (isIntegration && administrator === true),
      };
    },
  };
}

function present(fields: Readonly<Record<string, FieldDefinition>>, missing: readonly string[]): Readonly<Record<string, FieldDefinition>> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !missing.includes(name)));
}

/** Whether a user may do this to records of a type; setup objects are for administrators only, and nobody writes them here. */
export function mayDo(organization: Organization, access: Access, right: Right, type: string): boolean {
  if (type.startsWith('PermissionSet')) return right === 'read' && access.administrator;
  if (right !== 'read' && !organization.definition(type).writable) return false;
  return !access.missingRights.has(`${right} ${type}`);
}
