import { emailOf, readNorthwind, text, type NorthwindRecord } from './records.ts';
import { isDirty, type SeedOptions } from './seed-options.ts';

/** What the CRM holds before the change-over. */
export interface CrmSeed {
  readonly users: readonly { readonly Email: string; readonly Name: string; readonly Username: string; readonly IsActive: boolean }[];
  readonly accounts: readonly CrmAccount[];
  readonly leads: readonly never[];
}

interface CrmAccount {
  readonly Name: string;
  readonly AccountNumber: string | null;
  readonly Phone: string | null;
  readonly BillingPostalCode: string | null;
  readonly BillingCity: string | null;
  readonly ownerEmail: string;
  readonly pointer: string | null;
}

/** The salesperson who has left: inactive in the CRM, but still the owner of accounts there. */
const leaver = '9';
const prospects = 5;

/** The CRM's records, made from Northwind: an account for each customer, owned by whoever took its latest order, and the dirt asked for. */
export async function crmSeed(options: SeedOptions = {}): Promise<CrmSeed> {
  const northwind = await readNorthwind(options.customers);
  const emails = new Map(northwind.employees.map((employee) => [text(employee, 'employee_id'), emailOf(employee)]));
  const users = northwind.employees.map((employee) => ({
    Email: emailOf(employee),
    Name: `${text(employee, 'first_name')} ${text(employee, 'last_name')}`,
    Username: emailOf(employee),
    IsActive: options.dirt !== 'full' || employee.employee_id !== leaver,
  }));
  const account = (customer: NorthwindRecord): CrmAccount => ({
    Name: text(customer, 'company_name'),
    AccountNumber: isDirty(options, 'withoutNumber', text(customer, 'customer_id')) ? null : text(customer, 'customer_id'),
    Phone: customer['phone'] ?? null,
    BillingPostalCode: customer['postal_code'] ?? null,
    BillingCity: customer['city'] ?? null,
    ownerEmail: emails.get(ownerOf(customer, northwind.orders)) ?? '',
    pointer: null,
  });
  const accounts = northwind.customers.map(account);
  const doubled = northwind.customers
    .filter((customer) => isDirty(options, 'twoAccounts', text(customer, 'customer_id')))
    .map((customer) => ({ ...account(customer), Name: `${text(customer, 'company_name')} (old)` }));
  const leads = Array.from({ length: options.dirt === 'full' ? prospects : 0 }, (_, index): CrmAccount => ({
    Name: `Prospect ${String(index + 1)}`,
    AccountNumber: null,
    Phone: null,
    BillingPostalCode: String(10001 + index),
    BillingCity: 'New York',
    ownerEmail: emails.get('1') ?? '',
    pointer: null,
  }));
  return { users, accounts: [...accounts, ...doubled, ...leads], leads: [] };
}

/** The employee of the customer's latest order; the first one for a customer without orders. */
function ownerOf(customer: NorthwindRecord, orders: readonly NorthwindRecord[]): string {
  const latest = orders.filter((order) => order['customer_id'] === customer['customer_id']).at(-1);
  return latest === undefined ? '1' : text(latest, 'employee_id');
}
