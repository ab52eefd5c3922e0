import type { Client } from 'pg';
import type { FreezeFence, FreezeOrder, SourcePort } from '../../contracts/source.ts';
import { sqlSystemSchema } from '../../domain/plan/systems.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { fillLegacy } from '../../scripts/dev/northwind/legacy.ts';
import { emptyDatabase } from './sql-emptied.ts';
import { opened, passwords, type LegacyDatabase } from './sql-database.ts';

/** The legacy system as a plan describes it, with the tables whose rows have an account. */
export const legacyPlan: SqlSystem = sqlSystemSchema.parse({
  adapter: 'sql',
  rounding: 'halfUp',
  tables: {
    customers: { disposition: 'move', account: { column: 'customer_id' } },
    orders: { disposition: 'move', account: { column: 'customer_id' } },
    order_details: {
      disposition: 'move',
      account: { column: 'order_id', lookup: { table: 'orders', key: 'order_id', account: 'customer_id' } },
    },
    products: { disposition: 'move' },
    employees: { disposition: 'match' },
  },
  statuses: {
    orders: { sql: `case when shipped_date is null then 'open' else 'shipped' end`, values: { open: 'move', shipped: 'archive' } },
  },
  queries: {
    customer: {
      sql: 'select customer_id, company_name, terms_code from customers',
      key: 'customer_id',
      account: 'customer_id',
      tables: ['customers'],
    },
    product: {
      sql: 'select product_id, product_name, unit_price, discontinued from products',
      key: 'product_id',
      account: null,
      tables: ['products'],
    },
    openOrder: {
      sql: `select o.order_id, o.customer_id, o.order_date, o.freight,
              (select jsonb_agg(jsonb_build_object('product', d.product_id, 'price', d.unit_price, 'quantity', d.quantity, 'discount', d.discount) order by d.product_id)
               from order_details d where d.order_id = o.order_id) as lines
            from orders o where o.shipped_date is null`,
      key: 'order_id',
      account: 'customer_id',
      tables: ['orders', 'order_details'],
    },
    inexact: { sql: 'select order_id, freight::float8 as freight from orders', key: 'order_id', account: null, tables: ['orders'] },
    broken: { sql: 'select order_id from no_such_table', key: 'order_id', account: null, tables: ['orders'] },
  },
});

/** A legacy database with Northwind in it. */
export interface Legacy extends LegacyDatabase {
  /** The port of `legacyPlan` over it. */
  readonly port: SourcePort;
}

/** A fresh one on a running server, with these customers. */
export async function startLegacy(server: LocalPostgres, customers?: readonly string[]): Promise<Legacy> {
  const empty = await emptyDatabase(server);
  await fillLegacy(empty.owner, { passwords, ...(customers === undefined ? {} : { customers }) });
  const database = opened(server, empty);
  return { ...database, port: database.open(legacyPlan) };
}

/** A fresh one with two accounts. */
export function twoAccounts(server: LocalPostgres): Promise<Legacy> {
  return startLegacy(server, ['ERNSH', 'RATTC']);
}

/** A fresh one with three accounts and the guard, and a user who writes. */
export async function installedLegacy(server: LocalPostgres): Promise<Legacy & { readonly writer: Client }> {
  const legacy = await startLegacy(server, ['ERNSH', 'RATTC', 'SIMOB']);
  await legacy.port.install(nextOrder());
  return { ...legacy, writer: await legacy.appUser() };
}

let orders = 0;

/** The next number of the one sequence that orders are drawn from. */
export function nextOrder(): number {
  orders += 1;
  return orders;
}

/** What an act on a freeze carries, with the next order. */
export function fence(wave = 'pilot', generation = 1): FreezeFence {
  return { wave, generation, order: nextOrder() };
}

/** A freeze of an account for a minute, or of what is said instead. */
export function order(more: Partial<FreezeOrder> = {}): FreezeOrder {
  return { accounts: ['ERNSH'], ...fence(), leaseMs: 60_000, reason: 'change of ERP', contact: 'the help desk, ext. 100', ...more };
}

/** What a runner needs that freezes by taking rights away: the tables with accounts belong to a role it is a member of. */
export const ownedByRole = `
  do $$ begin if to_regrole('northwind_owner') is null then create role northwind_owner; end if; end $$;
  alter table customers owner to northwind_owner;
  alter table orders owner to northwind_owner;
  alter table order_details owner to northwind_owner;
  grant northwind_owner to cutover_runner;
`;
