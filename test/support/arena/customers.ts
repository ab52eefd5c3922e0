import type { Business } from '../../../scripts/dev/business.ts';
import { CrmPerson, crmTable, inLegacy } from './people.ts';

/** A legacy user enters an open order of a customer, with two pieces of a product. */
export async function newOrder(business: Business, order: number, account: string, product = 1): Promise<void> {
  await inLegacy(
    business,
    'app',
    `insert into orders (order_id, customer_id, employee_id, order_date, freight, ship_name, ship_address, ship_city, ship_postal_code, ship_country, tax_code, freight_tax_code)
    select ${String(order)}, customer_id, 1, '2026-01-05', 10.00, company_name, address, city, postal_code, country, 'EXPORT', 'EXPORT' from customers where customer_id = '${account}'`,
  );
  await inLegacy(business, 'app', `insert into order_details values (${String(order)}, ${String(product)}, 18.0000, 2, 0)`);
}

/** A new customer of legacy with one order, and its account in the CRM. */
export async function newCustomer(business: Business, account: string, order: number): Promise<void> {
  const name = `New Company ${account}`;
  await inLegacy(
    business,
    'app',
    `insert into customers (customer_id, company_name, contact_name, contact_title, address, city, postal_code, country, phone, terms_code)
    select '${account}', '${name}', contact_name, contact_title, address, city, postal_code, country, '0555-77', terms_code from customers where customer_id = 'BONAP'`,
  );
  await newOrder(business, order, account);
  await enterAccount(business, account, name);
}

/** Sales enters an account of a customer in the CRM. */
export async function enterAccount(business: Business, account: string, name: string): Promise<void> {
  await (await CrmPerson.enter(business)).request('POST', '/sobjects/Account', { Name: name, AccountNumber: account });
}

/** Sales merges the two CRM accounts of a customer. */
export async function mergeAccounts(business: Business, account: string): Promise<void> {
  const [, double] = (await crmTable(business, 'Account')).filter(({ AccountNumber }) => AccountNumber === account);
  await (await CrmPerson.enter(business)).request('DELETE', `/sobjects/Account/${String(double?.['Id'])}`);
}
