import { Client } from 'pg';
import { createSql } from '../../adapters/sql/source.ts';
import type { FreezeFence, SourcePort } from '../../contracts/source.ts';
import { sqlSystemSchema } from '../../domain/plan/systems.ts';
import type { SqlSystem } from '../../domain/plan/systems.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { seedLegacy } from '../../scripts/dev/northwind/legacy.ts';

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

export interface Legacy {
  /** Address of the database for the runner. */
  readonly runnerUrl: string;
  readonly port: SourcePort;
  /** The port of another plan or timeout over the same database. */
  open(plan: SqlSystem, callTimeoutMs?: number): SourcePort;
  /** A connection of a user of the legacy ERP. */
  appUser(): Promise<Client>;
  /** The database's administrator and owner of its tables. */
  owner(): Promise<Client>;
  stop(): Promise<void>;
}

let databases = 0;

/** A fresh legacy database on a running server, seeded with these customers. */
export async function startLegacy(server: LocalPostgres, customers?: readonly string[]): Promise<Legacy> {
  databases += 1;
  const name = `legacy_${String(databases)}`;
  await server.createDatabase(name);
  const urls = await seedLegacy(server.url(name), {
    passwords: { app: 'app', runner: 'runner' },
    ...(customers === undefined ? {} : { customers }),
  });
  const ports: SourcePort[] = [];
  const clients: Client[] = [];
  const open = (plan: SqlSystem, callTimeoutMs = 5_000): SourcePort => {
    const port = createSql(plan, { system: 'erp', values: { url: urls.runner }, callTimeoutMs });
    ports.push(port);
    return port;
  };
  const connect = async (url: string): Promise<Client> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    clients.push(client);
    return client;
  };
  return {
    runnerUrl: urls.runner,
    port: open(legacyPlan),
    open,
    appUser: () => connect(urls.app),
    owner: () => connect(server.url(name)),
    stop: async () => {
      await Promise.all([...ports.map((port) => port.dispose()), ...clients.map((client) => client.end())]);
    },
  };
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

/** What a runner needs that freezes by taking rights away: the tables with accounts belong to a role it is a member of. */
export const ownedByRole = `
  create role northwind_owner;
  alter table customers owner to northwind_owner;
  alter table orders owner to northwind_owner;
  alter table order_details owner to northwind_owner;
  grant northwind_owner to cutover_runner;
`;
