import type { Business } from '../../scripts/dev/business.ts';
import { inLegacy, setUp } from '../support/arena/people.ts';
import { smallWaves } from '../support/small-plan.ts';
import { startBench, type Bench } from './bench.ts';

/** A bench whose wave east has so many more customers, each with an account in the CRM and an order. */
export function startLargeBench(size: number): Promise<Bench> {
  const keys = Array.from({ length: size }, (_, index) => `G${String(index + 1).padStart(4, '0')}`);
  return startBench(
    {
      waves: 2,
      plan: (plan) => {
        plan['waves'] = [{ name: 'east', accounts: [...smallWaves.east, ...smallWaves.west, ...keys] }];
        // Taking back thousands of records needs more calls than are kept for it without being asked.
        (plan as { systems: { crm: { budget?: object } } }).systems.crm.budget = { reserve: 0.2 };
      },
    },
    (business) => populate(business, keys),
  );
}

async function populate(business: Business, keys: readonly string[]): Promise<void> {
  const all = `unnest(array['${keys.join("','")}']) with ordinality as k(key, number)`;
  const what = `insert into customers (customer_id, company_name, contact_name, contact_title, address, city, postal_code, country, phone, terms_code)
    select k.key, 'Company ' || k.key, contact_name, contact_title, address, city, postal_code, country, '0555-' || k.number, terms_code
    from customers, ${all} where customer_id = 'BONAP'`;
  const orders = `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
    select 30000 + k.number, k.key, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT'
    from customers join ${all} on customer_id = k.key`;
  const lines = `insert into order_details select 30000 + k.number, 1, 18.0000, 2, 0 from ${all}`;
  for (const statement of [what, orders, lines]) await inLegacy(business, 'admin', statement);
  const owner = { ownerEmail: 'nancy.davolio@northwind.example', pointer: null };
  const contact = { Phone: null, BillingPostalCode: null, BillingCity: null };
  await setUp(business.crm, { accounts: keys.map((key) => ({ Name: `Company ${key}`, AccountNumber: key, ...contact, ...owner })) });
}
