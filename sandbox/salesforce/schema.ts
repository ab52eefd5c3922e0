export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'phone'
  | 'email'
  | 'url'
  | 'picklist'
  | 'boolean'
  | 'reference'
  | 'datetime'
  | 'double';

export interface FieldDefinition {
  readonly type: FieldType;
  /** Characters a text may have; 0 for other types. */
  readonly length: number;
  readonly required: boolean;
  /** Set by Salesforce where a new record does not give it. */
  readonly defaulted: boolean;
  readonly writable: boolean;
  /** The type a reference points at, and the name by which a query follows it. */
  readonly target?: string;
  readonly relationship?: string;
}

export interface ObjectDefinition {
  readonly prefix: string;
  readonly fields: Readonly<Record<string, FieldDefinition>>;
  /** Records of it are made and changed over the API. */
  readonly writable: boolean;
  /** Its rows have an ETag ("Conditional Request Headers": Account only). */
  readonly etag: boolean;
}

const base = { length: 0, required: false, defaulted: false, writable: true } as const;
const text = (length: number, type: FieldType = 'string'): FieldDefinition => ({ ...base, type, length });
const required = (length: number): FieldDefinition => ({ ...text(length), required: true });
const computed = (type: FieldType, length = 0): FieldDefinition => ({ ...base, type, length, writable: false });
const flag = (writable: boolean): FieldDefinition => ({ ...base, type: 'boolean', required: true, defaulted: true, writable });
const reference = (target: string, relationship: string, writable: boolean): FieldDefinition => ({
  ...base,
  ...{ type: 'reference', length: 18, required: true, defaulted: true, writable, target, relationship },
});

const audit: Readonly<Record<string, FieldDefinition>> = {
  Id: { ...computed('id', 18), required: true, defaulted: true },
  IsDeleted: flag(false),
  CreatedDate: computed('datetime'),
  CreatedById: reference('User', 'CreatedBy', false),
  LastModifiedDate: computed('datetime'),
  LastModifiedById: reference('User', 'LastModifiedBy', false),
  SystemModstamp: computed('datetime'),
};

/** Objects of an organization, with the lengths its describe tells; multi-currency, state picklists and person accounts are off. */
export const schema: Readonly<Record<string, ObjectDefinition>> = {
  Account: {
    ...{ prefix: '001', writable: true, etag: true },
    fields: {
      ...audit,
      ...{ Name: required(255), AccountNumber: text(40), Phone: text(40, 'phone'), Website: text(255, 'url') },
      ...{ BillingStreet: text(255, 'textarea'), BillingCity: text(40), BillingState: text(80) },
      ...{ BillingPostalCode: text(20), BillingCountry: text(80), Description: text(32_000, 'textarea') },
      OwnerId: reference('User', 'Owner', true),
      ...{ BookOfRecord__c: text(255), CutoverEffect__c: text(80) },
    },
  },
  Lead: {
    ...{ prefix: '00Q', writable: true, etag: false },
    fields: {
      ...audit,
      ...{ FirstName: text(40), LastName: required(80), Company: required(255), Email: text(80, 'email'), Phone: text(40, 'phone') },
      ...{ LeadSource: text(255, 'picklist'), Description: text(32_000, 'textarea') },
      Status: { ...text(255, 'picklist'), required: true, defaulted: true },
      OwnerId: reference('User', 'Owner', true),
    },
  },
  User: {
    ...{ prefix: '005', writable: false, etag: false },
    fields: { ...audit, Username: required(80), Email: text(128, 'email'), Name: computed('string', 121), IsActive: flag(false) },
  },
  AssignmentRule: {
    ...{ prefix: '01Q', writable: false, etag: false },
    fields: { ...audit, Name: required(120), SobjectType: text(40, 'picklist'), Active: flag(false) },
  },
  PermissionSet: {
    ...{ prefix: '0PS', writable: false, etag: false },
    fields: { ...audit, Label: required(80), PermissionsModifyAllData: flag(false) },
  },
  PermissionSetAssignment: {
    ...{ prefix: '0Pa', writable: false, etag: false },
    fields: {
      ...audit,
      AssigneeId: reference('User', 'Assignee', false),
      PermissionSetId: reference('PermissionSet', 'PermissionSet', false),
    },
  },
};
