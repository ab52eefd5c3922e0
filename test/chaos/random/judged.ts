/** A row of a system's own table. */
export type Row = Readonly<Record<string, unknown>>;

/** What the systems' own tables say at the end of a seed. */
export interface Picture {
  /** Each account: whether legacy takes a change of it, its phone there, and every pointer that the CRM has for it. */
  readonly accounts: readonly {
    readonly account: string;
    readonly isOpen: boolean;
    readonly phone: string;
    readonly pointers: readonly unknown[];
  }[];
  /** The open orders of legacy, with how many lines each must have in the target. */
  readonly orders: readonly { readonly id: string; readonly account: string; readonly lines: number }[];
  readonly products: readonly Row[];
  readonly parties: readonly Row[];
  readonly sales: readonly Row[];
}

/** What people entered and were told was entered, and the accounts whose records in the target they touched. */
export interface Entered {
  readonly orders: string[];
  readonly phones: Map<string, string>;
  readonly parties: string[];
  readonly names: Map<string, string>;
  readonly sales: string[];
  readonly touched: Set<string>;
}
