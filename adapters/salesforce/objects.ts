import type { ObjectCapability, Pace } from '../../contracts/adapter.ts';
import type { SalesforceSystem } from '../../domain/plan/systems.ts';
import { compositeSize } from './composite.ts';

/** One kind of record the adapter knows: its Salesforce type, the fields it reads, and what it may do to it. */
export interface SalesforceObject {
  readonly type: string;
  /** API names of the fields a record carries; writing others is refused by Salesforce itself. */
  readonly fields: readonly string[];
  readonly markerField: string | null;
  /** A field that tells whether a record is active; null where all are. */
  readonly activeField: string | null;
  readonly writable: boolean;
  readonly capability: ObjectCapability;
}

/** Records of one collection call ("sObject Collections", REST guide). */
export const collectionSize = 200;

/** Records of one job: what Salesforce saves as one batch of it ("How Requests Are Processed"). Its file has several times the time of another call. */
export const bulk = { batchSize: 10_000, timeouts: 6 } as const;

/**
 * Of every call that makes records, canaries aside: nobody is assigned, and so told of, what only moves ("Assignment Rule Header"). Jobs assign nobody unless they name a
 * rule, so that it does not hang on the number of records either.
 */
export const loadHeaders = { 'sforce-auto-assign': 'FALSE' } as const;

/** Of every object: what proves a change and who made the record. */
export const systemFields = ['Id', 'CreatedById', 'CreatedDate', 'LastModifiedById', 'SystemModstamp'] as const;

const base = {
  keyIsUnique: false,
  paces: {},
  rest: null,
  volatile: [],
  decimals: [],
  halfWay: [],
  activated: [],
  owner: null,
  void: [],
} as const;

/**
 * Under ETags: a batch is one composite, so that several are under way where one of the usual size would be read, written and read back in turns. It has
 * a deadline of its own, before which its three calls have time enough.
 */
const conditional = (writesInFlight: number): Pace => ({ batchSize: compositeSize, writesInFlight });

/** Calls of one lane that are under way at once: with the four lanes of a load 16, below the 25 long requests that an organization takes at once. */
export const usuallyInFlight = 4;

/** How new records are made: in collections, and many by jobs where the plan wants any. */
function createdBy({ bulkFrom }: SalesforceSystem, writesInFlight: number): ObjectCapability['paces'] {
  return bulkFrom === null ? {} : { create: { batchSize: collectionSize, writesInFlight, bulk: { ...bulk, from: bulkFrom } } };
}

/**
 * `account`: matched and repointed, each record under its ETag; created only as a canary. It is never deleted by an undo,
 * because Salesforce deletes contacts, cases and opportunities with it. `user`: read, by e-mail address. `lead`: created as a canary
 * and deleted; its key is Email, the one standard field of a lead that is indexed and free to choose. Salesforce keeps e-mail
 * addresses in small letters, so Email is among the fields it changes by itself.
 */
export function salesforceObjects(plan: SalesforceSystem, inFlight = usuallyInFlight): Readonly<Record<string, SalesforceObject>> {
  const pace = conditional(inFlight);
  const created = createdBy(plan, inFlight);
  return {
    account: {
      type: 'Account',
      fields: [
        ...new Set([
          'Name',
          'AccountNumber',
          plan.keyField,
          'Phone',
          'BillingPostalCode',
          'BillingCity',
          'OwnerId',
          plan.pointerField,
          plan.markerField,
        ]),
      ],
      markerField: plan.markerField,
      activeField: null,
      writable: true,
      capability: {
        ...base,
        keyField: plan.keyField,
        proof: 'marker',
        conditionalWrite: true,
        paces: { ...created, update: pace, delete: pace },
        undo: { '*': 'restore' },
      },
    },
    user: {
      type: 'User',
      fields: ['Name', 'Email', 'IsActive'],
      markerField: null,
      activeField: 'IsActive',
      writable: false,
      capability: { ...base, keyField: 'Email', proof: 'none', conditionalWrite: false, undo: { '*': 'impossible' } },
    },
    lead: {
      type: 'Lead',
      fields: ['Company', 'LastName', 'Email', 'LeadSource', 'Description'],
      markerField: null,
      activeField: null,
      writable: true,
      capability: {
        ...base,
        keyField: 'Email',
        proof: 'creator',
        conditionalWrite: false,
        paces: created,
        undo: { '*': 'delete' },
        volatile: ['Email'],
      },
    },
  };
}
