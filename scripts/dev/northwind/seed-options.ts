/** Which customers a business has, and how dirty its CRM and ERP are. */
export interface SeedOptions {
  /** Only these customers, with all their orders; absent: all of Northwind. */
  readonly customers?: readonly string[];
  /** `full`: the dirt of examples/northwind/README.md; `none`: clean; `twoMatches:<customer>`: that one customer has two CRM accounts. */
  readonly dirt?: 'none' | 'full' | `twoMatches:${string}`;
}

/** Dirt by customer; each entry's expected outcome stands in the plan and in examples/northwind/README.md. */
export const dirt = {
  /** CRM accounts without a customer number: found by name and postal code. */
  withoutNumber: ['BERGS', 'GREAL', 'TOMSP'],
  /** Two CRM accounts with the same customer number: nobody can tell which one it is. */
  twoAccounts: ['QUEEN', 'SPLIR'],
  /** Parties keyed by hand into the ERP under the customer's number. */
  keyedByHand: ['AROUT', 'HUNGO', 'RICSU'],
  /** A party keyed by hand under another name and number: found by postal code and phone. */
  keyedDifferently: ['WARTH'],
} as const;

/** Whether an entry of the dirt applies under these options. */
export function isDirty(options: SeedOptions, kind: keyof typeof dirt, customer: string): boolean {
  if (kind === 'twoAccounts' && options.dirt === `twoMatches:${customer}`) return true;
  return options.dirt === 'full' && dirt[kind].some((listed) => listed === customer);
}
