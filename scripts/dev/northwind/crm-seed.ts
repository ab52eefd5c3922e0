import type { SalesforceSeed, SeedAccount } from '../../../sandbox/salesforce/seed-data.ts';
import { emailOf, readNorthwind, text, type Northwind, type NorthwindRecord } from './records.ts';
import { isDirty, type SeedOptions } from './seed-options.ts';

/** The salesperson who has left: inactive in the CRM, but still the owner of accounts there. */
const leaver = '9';

/** Who sells to a customer without orders, and to prospects. */
const defaultSeller = '1';

/** Suppliers that sales courts as customers: accounts without a number, to which no record of the legacy ERP leads. */
const prospects = new Set(['1', '2', '3', '4', '5']);

/** The CRM's records, made from Northwind: an account for each customer, owned by whoever took its latest order, and the dirt asked for. */
export async function crmSeed(options: SeedOptions = {}): Promise<SalesforceSeed> {
  const northwind = await readNorthwind(options.customers);
  const isDouble = (customer: NorthwindRecord): boolean => isDirty(options, 'twoAccounts', text(customer, 'customer_id'));
  const accounts = northwind.customers.map((customer) => accountOf(northwind, customer, options));
  const doubles = northwind.customers
    .filter(isDouble)
    .map((customer) => ({ ...accountOf(northwind, customer, options), Name: `${text(customer, 'company_name')} (old)` }));
  return {
    users: northwind.employees.map((employee) => ({
      Email: emailOf(employee),
      Name: `${text(employee, 'first_name')} ${text(employee, 'last_name')}`,
      Username: emailOf(employee),
      IsActive: options.dirt !== 'full' || employee['employee_id'] !== leaver,
    })),
    accounts: [...accounts, ...doubles, ...(options.dirt === 'full' ? prospectAccounts(northwind) : [])],
  };
}

function accountOf(northwind: Northwind, customer: NorthwindRecord, options: SeedOptions): SeedAccount {
  const id = text(customer, 'customer_id');
  return {
    Name: text(customer, 'company_name'),
    AccountNumber: isDirty(options, 'withoutNumber', id) ? null : id,
    ...contactOf(customer),
    ownerEmail: sellerEmail(northwind, latestSeller(northwind, id)),
    pointer: null,
  };
}

function prospectAccounts(northwind: Northwind): readonly SeedAccount[] {
  return northwind.suppliers
    .filter((supplier) => prospects.has(text(supplier, 'supplier_id')))
    .map((supplier) => ({
      Name: text(supplier, 'company_name'),
      AccountNumber: null,
      ...contactOf(supplier),
      ownerEmail: sellerEmail(northwind, defaultSeller),
      pointer: null,
    }));
}

function contactOf(company: NorthwindRecord): Pick<SeedAccount, 'Phone' | 'BillingPostalCode' | 'BillingCity'> {
  return { Phone: company['phone'] ?? null, BillingPostalCode: company['postal_code'] ?? null, BillingCity: company['city'] ?? null };
}

/** The employee of the customer's latest order; the file lists orders in the order of their numbers and days. */
function latestSeller({ orders }: Northwind, customer: string): string {
  return orders.filter((order) => order['customer_id'] === customer).at(-1)?.['employee_id'] ?? defaultSeller;
}

function sellerEmail({ employees }: Northwind, id: string): string {
  const seller = employees.find((employee) => employee['employee_id'] === id);
  if (seller === undefined) throw new Error(`Northwind has no employee ${id}`);
  return emailOf(seller);
}
