import type { Business } from './business.ts';
import type { Tables } from './tables.ts';
import { trytonTables } from './tryton/tables.ts';

/** What a system changes by itself and nobody means by "the same record". */
const volatile = new Set(['write_date', 'write_uid', 'create_date']);

/**
 * The business records of the ERP, read from its own tables (of a real Tryton by SQL in its database) and not through the product: the same list
 * before and after is the proof that a rollback left nothing and took nothing. Sequences, numbers used up, stamps and canaries are no business
 * records.
 */
export async function erpTables({ erp }: Pick<Business, 'erp'>): Promise<Tables> {
  const tables = erp.databaseUrl === null ? await sandboxTables(erp.url) : await trytonTables(erp.databaseUrl);
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [
      name,
      rows
        .filter((row) => !JSON.stringify(row).includes('CANARY-'))
        .map((row) => Object.fromEntries(Object.entries(row).filter(([field]) => !volatile.has(field)))),
    ]),
  );
}

async function sandboxTables(url: string): Promise<Tables> {
  return (await (await fetch(`${url}/_sandbox/tables`)).json()) as Tables;
}

/** The names of the tables in which two pictures differ, with what is more or less in each. */
export function differences(before: Tables, after: Tables): readonly string[] {
  return Object.keys(before).flatMap((name) => {
    const [old, now] = [
      new Set((before[name] ?? []).map((row) => JSON.stringify(row))),
      new Set((after[name] ?? []).map((row) => JSON.stringify(row))),
    ];
    const [gone, added] = [[...old].filter((row) => !now.has(row)).length, [...now].filter((row) => !old.has(row)).length];
    return gone + added === 0 ? [] : [`${name}: ${String(gone)} gone or changed, ${String(added)} new or changed`];
  });
}
