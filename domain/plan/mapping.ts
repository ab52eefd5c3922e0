import { z } from 'zod';

const column = z.string().regex(/^[^\0]{1,63}$/, 'name a column as the source query yields it');

/** A time zone that this machine knows, by its name. */
const zone = z.string().refine(isZone, 'name a time zone as in the IANA list, for example Europe/Paris');

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** How one target field gets its value; exactly one of `from`, `value`, `ref`, `each`, `text` is the origin. */
export type FieldRule =
  | {
      readonly from: string;
      readonly as?: 'text' | 'decimal' | 'date' | 'trimmed' | undefined;
      readonly zone?: string | undefined;
      readonly fallback?: string | undefined;
    }
  | { readonly value: string | boolean | null }
  | { readonly ref: string; readonly from: string; readonly fallback?: string | undefined; readonly list?: boolean | undefined }
  | { readonly text: string }
  | { readonly discounted: { readonly price: string; readonly discount: string; readonly digits: number } }
  | { readonly each: string; readonly fields: Readonly<Record<string, FieldRule>> };

/**
 * `from` copies a column; the day (`as: date`) of a moment in time is that of `zone`; `value` is a constant; `ref` looks a source key up in the crosswalk of another object (with `list` the target is the only entry of a list);
 * `text` is a template with `{column}` places; `discounted` folds a discount (a fraction) into a price, exactly, in `digits` decimals;
 * `each` maps a nested list (a JSON column of the source query), rule by rule.
 */
export const fieldRuleSchema: z.ZodType<FieldRule> = z.lazy(() =>
  z.union([
    z.strictObject({
      from: column,
      as: z.enum(['text', 'decimal', 'date', 'trimmed']).optional(),
      zone: zone.optional(),
      fallback: z.string().optional(),
    }),
    z.strictObject({ value: z.union([z.string(), z.boolean(), z.null()]) }),
    z.strictObject({ ref: z.string(), from: column, fallback: z.string().optional(), list: z.boolean().optional() }),
    z.strictObject({ text: z.string().min(1) }),
    z.strictObject({ discounted: z.strictObject({ price: column, discount: column, digits: z.number().int().min(0).max(8) }) }),
    z.strictObject({ each: column, fields: z.record(z.string(), fieldRuleSchema) }),
  ]),
);

/** One way to recognise a record that is already there: every target field named must equal what the mapping would write. */
const matchRuleSchema = z.strictObject({ all: z.array(z.string()).min(1) });

/**
 * An amount of a source record: a column as it stands (`target` names the field in which the target says it itself), or the sum over a nested list of price x quantity x (1 - discount),
 * of the lines that hold the values of `where`, each rounded to cents by a system's declared rule; with `rate` the tax on those lines, rounded once for each rate.
 */
const moneyRuleSchema = z.union([
  z.strictObject({ column, rate: column.optional(), target: z.string().min(1).optional() }),
  z.strictObject({
    lines: column,
    where: z.record(column, z.string()).optional(),
    price: column,
    quantity: column,
    discount: column.optional(),
    rate: column.optional(),
  }),
]);
export type MoneyRule = z.infer<typeof moneyRuleSchema>;

/**
 * One kind of business record: where it is read, where it goes, how its fields are made.
 * `mode` `move` creates or takes over; `match` never creates (a missing one is an error of preflight, or an exception).
 */
export const objectSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-zA-Z0-9]*$/),
  /** `shared` records belong to no single account and load first; `account` records follow their account's wave. */
  scope: z.enum(['shared', 'account']),
  mode: z.enum(['move', 'match']),
  systemOfRecord: z.string(),
  source: z.strictObject({ system: z.string(), query: z.string() }),
  target: z.strictObject({ system: z.string(), object: z.string() }),
  fields: z.record(z.string(), fieldRuleSchema),
  /** Tried in order; the first rule that finds anything decides. Two or more found: an exception, no write. */
  match: z.array(matchRuleSchema).default([]),
  /** Many source records may map to one target record: the first owns it, the others refer to it and are never written. Only with mode `match`. */
  manyToOne: z.boolean().default(false),
  /** The source column by which this record names its parent, for example an order its customer. */
  parent: z.strictObject({ object: z.string(), from: column }).optional(),
  /** Where records that cannot be matched fall back to, by target key; only with mode `match`. */
  fallback: z.string().optional(),
  /** Amounts that the completeness equation and the order-by-order comparison add up, by name. */
  money: z.record(z.string(), moneyRuleSchema).default({}),
  /** The currency of those amounts: a column of the source query, or always the same; the rule of the target field `currency`, where nothing is said. */
  currency: z.union([z.strictObject({ from: column }), z.strictObject({ value: z.string().min(1) })]).optional(),
  /** Target fields of a matched record that nobody should change during the run; compared with what they were when it was recognized. */
  watched: z.array(z.string()).default([]),
  /** Documents are activated at the switch (a sale is confirmed). */
  activate: z.boolean().default(false),
  /** A document that is not in the target at the switch: its whole account stays in legacy, or (`documentStays`) the account switches without it. */
  whenMissing: z.enum(['accountStays', 'documentStays']).default('accountStays'),
  /** Columns with a truth value: `retire` records are deactivated after the last wave's switch. */
  retire: column.optional(),
});
export type ObjectPlan = z.infer<typeof objectSchema>;
