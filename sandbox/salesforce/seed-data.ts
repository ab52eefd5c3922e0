/** What a Salesforce sandbox holds before anybody works in it. */
export interface SalesforceSeed {
  readonly users?: readonly SeedUser[];
  readonly accounts?: readonly SeedAccount[];
  readonly leads?: readonly SeedLead[];
  /** Custom fields of Account that the organization lacks. */
  readonly missingFields?: readonly string[];
  /** Types of Account fields that are another than usual, such as `double` or a restricted `picklist`. */
  readonly fieldTypes?: Readonly<Record<string, 'double' | 'picklist'>>;
  /**
   * Fields that field-level security hides from whoever works over the API, such as `Account.Phone`: they are left out of a describe,
   * and a query of them is refused as if there were none (SOQL and SOSL Reference, "INVALID_FIELD").
   */
  readonly hiddenFields?: readonly string[];
  /** Values of picklists, by object and field, such as `Lead.Status`. */
  readonly picklists?: Readonly<Record<string, readonly string[]>>;
  /** Rules that assign new leads; one that is there is changed. */
  readonly assignmentRules?: readonly SeedRule[];
  /** Rights the integration user lacks, such as `update Account`. */
  readonly missingRights?: readonly string[];
  /** The integration user may modify all data. */
  readonly administrator?: boolean;
  /** Every login of a connected app gets the token of the login before. */
  readonly sharedTokens?: boolean;
  /** A token is taken even after it was revoked. */
  readonly lasting?: boolean;
  /** API requests the organization may make in 24 hours. */
  readonly dailyRequests?: number;
  /** Another length of those 24 hours (ms). Each request counts from when it came until so much later, as Salesforce's rolling limits do. */
  readonly requestWindowMs?: number;
  /** Rows on one page of a query; Salesforce itself gives up to 2,000. */
  readonly queryPage?: number;
  /** Fields by which a new record is refused as a duplicate of one that is there, such as `Lead.Email`. */
  readonly duplicateRules?: readonly string[];
  /** How far the organization's clock is ahead of the machine's (ms; negative: behind). */
  readonly clockOffsetMs?: number;
  /** Account fields that an automation of the organization sets back to what they were, whoever changes them. */
  readonly revertedFields?: readonly string[];
  /** Ms between two chunks of 200 records of a bulk job; and jobs in progress go no further while this stands. */
  readonly bulkChunkMs?: number;
  readonly bulkStalls?: boolean;
  /** Jobs that read fail. */
  readonly bulkQueriesFail?: boolean;
}

export interface SeedUser {
  readonly Email: string;
  readonly Name: string;
  readonly Username: string;
  readonly IsActive: boolean;
}

export interface SeedRule {
  readonly Name: string;
  readonly Active: boolean;
}

/** An account keyed by hand by the sales user; `pointer` is what stands in BookOfRecord__c. */
export interface SeedAccount {
  readonly Name: string;
  readonly AccountNumber: string | null;
  readonly Phone: string | null;
  readonly BillingPostalCode: string | null;
  readonly BillingCity: string | null;
  readonly ownerEmail: string;
  readonly pointer: string | null;
}

export interface SeedLead {
  readonly LastName: string;
  readonly Company: string;
  readonly Email?: string | null;
}
