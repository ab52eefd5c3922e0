/** What a Tryton sandbox holds before anybody works in it: reference data set up by finance, and records keyed by hand. */
export interface TrytonSeed {
  readonly company?: string;
  /** ISO 4217 code of the company's currency. */
  readonly currency?: string;
  /** Rates are decimal strings: `"0.10"` is 10 %. */
  readonly taxes?: readonly { readonly name: string; readonly rate: string }[];
  /** Codes of currencies and countries that finance sets up beside those that are there. */
  readonly currencies?: readonly string[];
  readonly countries?: readonly string[];
  readonly paymentTerms?: readonly { readonly name: string }[];
  readonly products?: readonly SeedProduct[];
  readonly parties?: readonly SeedParty[];
  /** Groups of the runner's user `cutover`, where it shall have others than it needs. */
  readonly cutoverGroups?: readonly ('product' | 'sale')[];
  /** Sizes that a module of the company's own gives to texts, by model and field, such as `party.party.name`; null takes one away. */
  readonly sizes?: Readonly<Record<string, number | null>>;
  /** How far Tryton's clock, that of its database too, is ahead of the machine's (ms; negative: behind). */
  readonly clockOffsetMs?: number;
  /**
   * References of sales that make an invoice of their own when they are quoted, or `true` for all: what a customer's own
   * automation may do, and what the check "harmless until switched" must find.
   */
  readonly autoInvoice?: readonly string[] | true;
}

/** A product keyed by hand by the user `sales`. */
export interface SeedProduct {
  readonly code: string;
  readonly name: string;
  readonly kind?: 'goods' | 'service';
  readonly listPrice?: string;
  readonly salable?: boolean;
  readonly active?: boolean;
}

/** A party keyed by hand by the user `sales`; without a code Tryton gives it the next number of its own sequence. */
export interface SeedParty {
  readonly code?: string | null;
  readonly name: string;
  readonly contactPerson?: string | null;
  readonly phone?: string | null;
  readonly fax?: string | null;
  readonly addresses?: readonly SeedAddress[];
  readonly active?: boolean;
}

/** `country` is the two-letter ISO 3166 code. */
export interface SeedAddress {
  readonly street?: string | null;
  readonly city?: string | null;
  readonly postalCode?: string | null;
  readonly country?: string | null;
}
