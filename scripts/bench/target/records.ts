import { recordId } from '../../../sandbox/salesforce/record-id.ts';
import type { Condition, Query } from '../../../sandbox/salesforce/soql.ts';

/** Fields as they came; nothing of them is checked or changed. */
export type Given = Readonly<Record<string, unknown>>;

interface Row {
  given: Given;
  readonly id: string;
  readonly system: Given;
}

/** Records of one type, found by id and by one key in constant time, as an organization finds them by its indexes. */
export class Records {
  readonly type: string;
  readonly #prefix: string;
  /** The field by which its records are found. */
  readonly key: string;
  readonly #byId = new Map<string, Row>();
  readonly #byKey = new Map<string, Row[]>();
  #made = 0;

  constructor(type: string, prefix: string, key: string) {
    this.type = type;
    this.#prefix = prefix;
    this.key = key;
  }

  get size(): number {
    return this.#byId.size;
  }

  clear(): void {
    this.#byId.clear();
    this.#byKey.clear();
  }

  create(given: Given, user: string): string {
    this.#made += 1;
    const at = `${new Date().toISOString().slice(0, 19)}.000+0000`;
    const id = recordId(this.#prefix, 1_000_000 + this.#made);
    const system = { Id: id, CreatedById: user, CreatedDate: at, LastModifiedById: user, SystemModstamp: at };
    const row = { id, given, system };
    this.#byId.set(id, row);
    const key = folded(given[this.key]);
    const known = this.#byKey.get(key);
    if (known === undefined) this.#byKey.set(key, [row]);
    else known.push(row);
    return id;
  }

  /** Whether there was such a record. */
  change(id: string, given: Given): boolean {
    const row = this.#byId.get(id);
    if (row !== undefined) row.given = { ...row.given, ...given };
    return row !== undefined;
  }

  /** Whether there was such a record. */
  remove(id: string): boolean {
    const row = this.#byId.get(id);
    if (row === undefined) return false;
    this.#byId.delete(id);
    const key = folded(row.given[this.key]);
    const left = (this.#byKey.get(key) ?? []).filter((other) => other !== row);
    if (left.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, left);
    return true;
  }

  /** Records in the order they were made. */
  page(from: number, count: number): readonly Given[] {
    return Array.from(this.#byId.values())
      .slice(from, from + count)
      .map(fieldsOf);
  }

  /** Runs a query by id or key, and by what else it says of these; null for any other, which an organization of this size would not answer quickly either. */
  find(query: Query): readonly Given[] | null {
    const [first, ...further] = query.where?.kind === 'and' ? query.where.parts : [query.where];
    const values = first == null ? null : this.#asked(first);
    if (values === null) return null;
    const rows = new Set(values.flatMap((value) => this.#byKey.get(folded(value)) ?? this.#byId.get(value) ?? []));
    const found = Array.from(rows, fieldsOf).filter((row) => further.every((condition) => condition !== null && holds(row, condition)));
    return found.slice(0, query.limit ?? undefined);
  }

  #asked(where: Condition): readonly string[] | null {
    if (where.kind === 'in' && !where.negated && this.#isIndexed(where.field)) return where.values.map(String);
    if (where.kind === 'compare' && where.operator === '=' && this.#isIndexed(where.field)) return [String(where.value)];
    return null;
  }

  #isIndexed(field: string): boolean {
    return field === 'Id' || field === this.key;
  }
}

/** Instants are written alike here, so that they compare as texts. */
function holds(row: Given, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => holds(row, part));
    case 'or':
      return condition.parts.some((part) => holds(row, part));
    case 'not':
      return !holds(row, condition.part);
    case 'in':
      return condition.values.map(String).includes(String(row[condition.field])) !== condition.negated;
    case 'compare':
      return compared(String(row[condition.field]), condition.operator, String(condition.value));
  }
}

function compared(value: string, operator: string, other: string): boolean {
  if (operator === '=') return value === other;
  if (operator === '!=' || operator === '<>') return value !== other;
  if (operator === '>=') return value >= other;
  throw new Error(`this organization does not compare by ${operator}`);
}

function fieldsOf({ given, system }: Row): Given {
  return { ...given, ...system };
}

function folded(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}
