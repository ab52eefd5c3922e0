import type { SeedParty, TrytonSeed } from '../../../sandbox/tryton/seed-data.ts';
import { readNorthwind, text, type NorthwindRecord } from './records.ts';
import { isDirty, type SeedOptions } from './seed-options.ts';

/** What finance has set up in the new ERP, and what somebody keyed in by hand before anyone asked. */
export async function erpSeed(options: SeedOptions = {}): Promise<TrytonSeed> {
  const { customers } = await readNorthwind(options.customers);
  const keyed = (customer: NorthwindRecord): SeedParty[] => {
    const id = text(customer, 'customer_id');
    if (isDirty(options, 'keyedByHand', id)) return [party(customer, id, text(customer, 'company_name').toUpperCase())];
    if (isDirty(options, 'keyedDifferently', id))
      return [party(customer, null, `${text(customer, 'company_name').split(' ')[0] ?? ''} Oy`)];
    return [];
  };
  return {
    company: 'Northwind Traders',
    currency: 'USD',
    taxes: [
      { name: 'Sales tax 10%', rate: '0.10' },
      { name: 'Export 0%', rate: '0' },
      { name: 'Freight 5%', rate: '0.05' },
    ],
    paymentTerms: [{ name: 'Net 30' }, { name: 'Net 60' }],
    products: [{ code: 'FREIGHT', name: 'Freight', kind: 'service', listPrice: '0', salable: true }],
    parties: customers.flatMap(keyed),
  };
}

function party(customer: NorthwindRecord, code: string | null, name: string): SeedParty {
  const address = {
    street: customer['address'] ?? null,
    city: customer['city'] ?? null,
    postalCode: customer['postal_code'] ?? null,
    country: countries[customer['country'] ?? ''] ?? null,
  };
  return { code, name, contactPerson: null, phone: customer['phone'] ?? null, fax: null, addresses: [address] };
}

/** Countries of the customers that were keyed by hand. */
const countries: Readonly<Record<string, string>> = { UK: 'GB', Ireland: 'IE', Switzerland: 'CH', Finland: 'FI' };
