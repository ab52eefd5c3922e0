import type { Fields, FieldValue } from '../contracts/fields.ts';
import type { FieldRule } from '../domain/plan/mapping.ts';
import { compare, multiply, roundDecimal, subtract } from '../domain/money/decimal.ts';
import { decimalOf, isFields, readAs, textOf, type Made } from './value.ts';

/** Target id of a source record by the crosswalk, or null where it has none that is live. */
export type Resolve = (object: string, sourceKey: string) => string | null;

/** A record as the mapping would write it, and what kept it from being whole. */
export interface Mapped {
  readonly fields: Fields;
  /** References to records that have no live target yet: the record waits for them. */
  readonly missing: readonly { readonly object: string; readonly key: string }[];
  /** Values that cannot be made; `field` is a path such as `lines[0].unitPrice`. Sentences name columns, never their contents. */
  readonly problems: readonly { readonly field: string; readonly message: string }[];
}

/** What one mapping run collects, and what it looks up. */
interface Run {
  readonly resolve: Resolve;
  readonly missing: { object: string; key: string }[];
  readonly problems: { field: string; message: string }[];
}

type RuleOf<Key extends string> = Extract<FieldRule, Readonly<Record<Key, unknown>>>;

function absent(column: string): Made {
  return { problem: `the source record has no column ${column}; let the query yield it` };
}

function copy(rule: Exclude<RuleOf<'from'>, RuleOf<'ref'>>, source: Fields): Made {
  const value = source[rule.from];
  if (value === undefined) return absent(rule.from);
  const made = rule.as === undefined ? { value } : readAs(rule.from, value, rule.as, rule.zone);
  return 'value' in made && made.value === null ? { value: rule.fallback ?? null } : made;
}

/** The target of a reference; where the column is empty or leads nowhere, the target of the fallback key. */
function refer(rule: RuleOf<'ref'>, source: Fields, run: Run): Made {
  const value = source[rule.from];
  if (value === undefined) return absent(rule.from);
  const own = textOf(value);
  if (own === null && value !== null) return { problem: `column ${rule.from} is not a key` };
  const keys = [own, rule.fallback].filter((key) => typeof key === 'string');
  for (const key of keys) {
    const id = run.resolve(rule.ref, key);
    if (id !== null) return { value: rule.list === true ? [id] : id };
  }
  const [key] = keys;
  if (key !== undefined) run.missing.push({ object: rule.ref, key });
  return { value: null };
}

function fill(template: string, source: Fields): Made {
  const problems: string[] = [];
  const value = template.replaceAll(/\{([a-z_][a-z0-9_]*)\}/g, (_, column: string) => {
    const found = source[column];
    if (found === undefined) problems.push(`the source record has no column ${column}; let the query yield it`);
    else if (found !== null && textOf(found) === null) problems.push(`column ${column} is not a text`);
    return textOf(found ?? null) ?? '';
  });
  return problems.length === 0 ? { value } : { problem: problems.join('; ') };
}

/** Folds a discount into a price. A price that would need more digits than the target keeps is a problem, never rounded. */
function discount({ discounted }: RuleOf<'discounted'>, source: Fields): Made {
  const price = decimalOf(source[discounted.price] ?? null);
  const share = decimalOf(source[discounted.discount] ?? null);
  if (price === null) return { problem: `column ${discounted.price} is not an exact decimal number` };
  if (share === null) return { problem: `column ${discounted.discount} is not an exact decimal number` };
  if (compare(share, '0') < 0 || compare(share, '1') > 0)
    return { problem: `column ${discounted.discount} is not a fraction between 0 and 1` };
  const exact = multiply(price, subtract('1', share));
  const value = roundDecimal(exact, discounted.digits, 'halfEven');
  if (compare(value, exact) === 0) return { value };
  return { problem: `the discounted price does not fit into ${String(discounted.digits)} decimals` };
}

function nest(rule: RuleOf<'each'>, source: Fields, path: string, run: Run): Made {
  const list = source[rule.each];
  if (list === undefined) return absent(rule.each);
  if (list === null) return { value: [] };
  if (!Array.isArray(list)) return { problem: `column ${rule.each} is not a list` };
  const entries: FieldValue[] = [];
  for (const [index, entry] of (list as readonly FieldValue[]).entries()) {
    if (!isFields(entry)) return { problem: `column ${rule.each} holds an entry that is no record` };
    entries.push(mapRecord(rule.fields, entry, `${path}[${String(index)}].`, run));
  }
  return { value: entries };
}

function make(rule: FieldRule, source: Fields, path: string, run: Run): Made {
  if ('value' in rule) return rule;
  if ('ref' in rule) return refer(rule, source, run);
  if ('from' in rule) return copy(rule, source);
  if ('text' in rule) return fill(rule.text, source);
  if ('discounted' in rule) return discount(rule, source);
  return nest(rule, source, path, run);
}

type Rules = Readonly<Record<string, FieldRule>>;

/** The rules of a plan by the names of their fields, taken apart once for all records. */
const taken = new WeakMap<Rules, readonly (readonly [string, FieldRule])[]>();

function rulesIn(rules: Rules): readonly (readonly [string, FieldRule])[] {
  const known = taken.get(rules) ?? Object.entries(rules);
  taken.set(rules, known);
  return known;
}

function mapRecord(rules: Rules, source: Fields, prefix: string, run: Run): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const [name, rule] of rulesIn(rules)) {
    const made = make(rule, source, prefix + name, run);
    if ('value' in made) fields[name] = made.value;
    else run.problems.push({ field: prefix + name, message: made.problem });
  }
  return fields;
}

/** The keys that the rules look up for one source record, by the object they refer to; fallbacks and entries of lists included. */
export function referredKeys(
  rules: Readonly<Record<string, FieldRule>>,
  source: Fields,
): readonly { readonly object: string; readonly key: string }[] {
  const found: { readonly object: string; readonly key: string }[] = [];
  for (const [, rule] of rulesIn(rules))
    if ('each' in rule) {
      const list = source[rule.each];
      if (Array.isArray(list))
        for (const entry of list as readonly FieldValue[]) if (isFields(entry)) found.push(...referredKeys(rule.fields, entry));
    } else if ('ref' in rule)
      for (const key of [textOf(source[rule.from] ?? null), rule.fallback])
        if (typeof key === 'string') found.push({ object: rule.ref, key });
  return found;
}

/** Makes the target fields of one source record by the plan's rules. A field with a problem is left out; a missing reference is null. */
export function mapFields(rules: Readonly<Record<string, FieldRule>>, source: Fields, resolve: Resolve): Mapped {
  const run: Run = { resolve, missing: [], problems: [] };
  const fields = mapRecord(rules, source, '', run);
  return { fields, missing: run.missing, problems: run.problems };
}
