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
  | 'hiddenFields'
  | 'fieldTypes'
  | 'picklists'
  | 'missingRights'
  | 'administrator'
  | 'sharedTokens'
  | 'lasting'
  | 'dailyRequests'
  | 'requestWindowMs'
  | 'queryPage'
  | 'duplicateRules'
  | 'revertedFields'
  | 'bulkChunkMs'
  | 'bulkStalls'
  | 'bulkQueriesFail'
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
      return { ...definition, fields: present(type, definition.fields, settings()) };
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

function present(
  type: string,
  fields: Readonly<Record<string, FieldDefinition>>,
  { missingFields = [], hiddenFields = [], fieldTypes = {} }: Settings,
): Readonly<Record<string, FieldDefinition>> {
  const seen = Object.entries(fields).filter(([name]) => !missingFields.includes(name) && !hiddenFields.includes(`${type}.${name}`));
  return Object.fromEntries(
    seen.map(([name, field]) => {
      const other = type === 'Account' ? fieldTypes[name] : undefined;
      return [name, other === undefined ? field : { ...field, type: other, length: other === 'picklist' ? 255 : 0 }];
    }),
  );
}

/** Whether a user may do this to records of a type; setup objects are for administrators only, and nobody writes them here. */
export function mayDo(organization: Organization, access: Access, right: Right, type: string): boolean {
  if (type.startsWith('PermissionSet')) return right === 'read' && access.administrator;
  if (right !== 'read' && !organization.definition(type).writable) return false;
  return !access.missingRights.has(`${right} ${type}`);
}
