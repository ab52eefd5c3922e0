import { readFile } from 'node:fs/promises';
import { parseCsv } from './csv.ts';

export const tableNames = [
  'region',
  'territories',
  'employees',
  'employeeterritories',
  'categories',
  'suppliers',
  'shippers',
  'products',
  'customers',
  'orders',
  'order_details',
] as const;
export type TableName = (typeof tableNames)[number];

/** A Northwind record under snake_case column names, values as the file has them, days as `YYYY-MM-DD`. */
export type NorthwindRecord = Readonly<Record<string, string | null>>;
export type Northwind = Readonly<Record<TableName, readonly NorthwindRecord[]>>;

const dayColumns = new Set(['birth_date', 'hire_date', 'order_date', 'required_date', 'shipped_date']);

let whole: Promise<Northwind> | undefined;

/**
 * The sample's records. With `customers` only these customers and all their orders; all other tables stay whole.
 * Rejects when a named customer does not exist.
 */
export async function readNorthwind(customers?: readonly string[]): Promise<Northwind> {
  whole ??= readFiles();
  const all = await whole;
  if (customers === undefined) return all;
  const wanted = new Set(customers);
  const unknown = customers.filter((id) => !all.customers.some((customer) => customer.customer_id === id));
  if (unknown.length > 0)
    throw new Error(`Northwind has no customer ${unknown.join(', ')}; name customers of examples/northwind/data/customers.csv`);
  const orders = all.orders.filter((order) => wanted.has(text(order, 'customer_id')));
  const kept = new Set(orders.map((order) => order.order_id));
  return {
    ...all,
    customers: all.customers.filter((customer) => wanted.has(text(customer, 'customer_id'))),
    orders,
    order_details: all.order_details.filter((detail) => kept.has(detail.order_id)),
  };
}

/** A column that every record of the sample fills. */
export function text(record: NorthwindRecord, column: string): string {
  const value = record[column];
  if (value === undefined || value === null) throw new Error(`a Northwind record lacks ${column}`);
  return value;
}

/** The salesperson's address, by a rule of ours (the sample has none): first.last@northwind.example. */
export function emailOf(employee: NorthwindRecord): string {
  return `${text(employee, 'first_name')}.${text(employee, 'last_name')}@northwind.example`.toLowerCase();
}

/** The files do not change while a process runs. */
async function readFiles(): Promise<Northwind> {
  return Object.fromEntries(await Promise.all(tableNames.map(async (name) => [name, await readTable(name)] as const))) as Record<
    TableName,
    NorthwindRecord[]
  >;
}

async function readTable(name: TableName): Promise<NorthwindRecord[]> {
  const file = new URL(`../../../examples/northwind/data/${name}.csv`, import.meta.url);
  return parseCsv(await readFile(file, 'utf8')).map((record) =>
    Object.fromEntries(
      Object.entries(record).map(([column, value]) => {
        const snake = snakeCase(column);
        return [snake, value !== null && dayColumns.has(snake) ? isoDay(value) : value];
      }),
    ),
  );
}

function snakeCase(column: string): string {
  return column.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
}

/** The files write days as month/day/year. */
function isoDay(value: string): string {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(value);
  if (match === null) throw new Error(`"${value}" is not a day written month/day/year`);
  const [, month = '', day = '', year = ''] = match;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
