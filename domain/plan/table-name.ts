/** A table of the legacy system; without a schema it is in the schema of its system. */
export interface TableName {
  readonly schema: string | null;
  readonly table: string;
}

/**
 * `table` or `schema.table`. Each part is the identifier as PostgreSQL holds it, capitals included; one that contains a point or a quotation
 * mark stands in quotation marks, those within it doubled.
 */
export const tableNamePattern = /^(?:(?:"(?:[^"]|"")+"|[^".]+)\.)?(?:"(?:[^"]|"")+"|[^".]+)$/;

const schemaPart = /^(?:"(?:[^"]|"")+"|[^".]+)(?=\.)/;

/** The name taken apart; a name that is none is taken for a table called so. */
export function parseTableName(name: string): TableName {
  if (!tableNamePattern.test(name)) return { schema: null, table: name };
  const schema = schemaPart.exec(name)?.[0];
  return schema === undefined
    ? { schema: null, table: plain(name) }
    : { schema: plain(schema), table: plain(name.slice(schema.length + 1)) };
}

/** The table with its schema: the one named, otherwise that of its system. */
export function tableIn(schema: string, name: string): { readonly schema: string; readonly table: string } {
  const parsed = parseTableName(name);
  return { schema: parsed.schema ?? schema, table: parsed.table };
}

/** The name as a plan writes it, with quotation marks only where they are needed. */
export function spellTableName({ schema, table }: TableName): string {
  return schema === null ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
}

function plain(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}

function quoted(identifier: string): string {
  return /[".]/.test(identifier) ? `"${identifier.replaceAll('"', '""')}"` : identifier;
}
