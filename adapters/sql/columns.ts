/**
 * How a column tells two accounts apart. An account has one written form for each kind, such that two forms are the same text exactly where the
 * column holds the values equal: a text as it is, `char(n)` without its padding, citext in small letters, a number without closing zeros, a
 * uuid in small letters.
 */
export type IdentityKind = 'text' | 'char' | 'citext' | 'number' | 'uuid';

/** A column of a table, as far as the identity of accounts goes. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  /** Null where no written form is known that follows the column's own equality. */
  readonly kind: IdentityKind | null;
  /** The schema of the type itself, or of the type under a domain. */
  readonly typeSchema: string;
  /** PostgreSQL makes the value when it is read, so that no trigger sees it. */
  readonly virtual: boolean;
}

/** A column as the catalog has it; `base` is the type itself, or the one under a domain. */
export interface CatalogColumn {
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly baseKind: string;
  readonly baseSchema: string;
  readonly deterministic: boolean;
  readonly virtual: boolean;
}

const kinds: Readonly<Record<string, IdentityKind>> = {
  text: 'text',
  varchar: 'text',
  bpchar: 'char',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  numeric: 'number',
  uuid: 'uuid',
};

/** What the catalog's words mean for accounts. */
export function factsOf(column: CatalogColumn): ColumnFacts {
  const { name, type, baseSchema: typeSchema, virtual } = column;
  return { name, type, kind: kindOf(column), typeSchema, virtual };
}

function kindOf({ base, baseKind, baseSchema, deterministic }: CatalogColumn): IdentityKind | null {
  if (!deterministic) return null;
  if (baseKind === 'e') return 'text';
  if (baseSchema === 'pg_catalog') return kinds[base] ?? null;
  return base === 'citext' ? 'citext' : null;
}
