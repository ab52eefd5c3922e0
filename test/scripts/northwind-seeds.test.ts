import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../scripts/dev/northwind/csv.ts';
import { crmSeed } from '../../scripts/dev/northwind/crm-seed.ts';
import { erpSeed } from '../../scripts/dev/northwind/erp-seed.ts';
import { readNorthwind } from '../../scripts/dev/northwind/records.ts';

describe('the CSV files', () => {
  test('may quote commas, line ends and quotes; an empty value is null', () => {
    expect(parseCsv('a,b,c\r\n1,"x, ""y""\nz",\n,"",é')).toEqual([
      { a: '1', b: 'x, "y"\nz', c: null },
      { a: null, b: null, c: 'é' },
    ]);
  });

  test('are refused where a record does not fit the header or a quote is out of place', () => {
    expect(() => parseCsv('a,b\n1\n')).toThrow('has 1 values where the header names 2 columns');
    expect(() => parseCsv('a\n"x')).toThrow('quote');
    expect(() => parseCsv('a\n"x"y\n')).toThrow('quote');
  });

  test('hold the sample whole, and a part of it by customer', async () => {
    const whole = await readNorthwind();
    expect([whole.customers.length, whole.orders.length, whole.order_details.length, whole.products.length]).toEqual([91, 830, 2155, 77]);
    expect(whole.orders[0]).toMatchObject({ order_id: '10248', order_date: '1996-07-04', shipped_date: '1996-07-16', ship_region: null });
    const part = await readNorthwind(['LINOD']);
    expect(new Set(part.orders.map((order) => order['customer_id']))).toEqual(new Set(['LINOD']));
    expect(part.products).toHaveLength(77);
    await expect(readNorthwind(['NOONE'])).rejects.toThrow('Northwind has no customer NOONE');
  });
});

describe('the CRM’s seed', () => {
  test('has the dirt the example states: 3 accounts without a number, 2 pairs, 5 prospects, one inactive owner', async () => {
    const { accounts = [], users = [] } = await crmSeed({ dirt: 'full' });
    const { customers } = await readNorthwind();
    const companies = new Set(customers.map((customer) => customer['company_name']));
    expect(accounts).toHaveLength(98);
    const numberless = accounts.filter((account) => account.AccountNumber === null);
    expect(numberless.filter((account) => companies.has(account.Name)).map((account) => account.Name)).toEqual([
      'Berglunds snabbköp',
      'Great Lakes Food Market',
      'Toms Spezialitäten',
    ]);
    expect(numberless).toHaveLength(8);
    const numbers = accounts.flatMap((account) => account.AccountNumber ?? []);
    expect(numbers.filter((number, place) => numbers.indexOf(number) !== place)).toEqual(['QUEEN', 'SPLIR']);
    const gone = users.filter((user) => !user.IsActive).map((user) => user.Email);
    expect(gone).toEqual(['anne.dodsworth@northwind.example']);
    expect(accounts.filter((account) => account.ownerEmail === gone[0]).map((account) => account.AccountNumber)).toEqual([
      'AROUT',
      'BLAUS',
      'BOLID',
      'FURIB',
    ]);
  });

  test('lets name and postal code find each customer’s numberless account, and no other', async () => {
    const { accounts = [] } = await crmSeed({ dirt: 'full' });
    for (const { Name, BillingPostalCode } of accounts.filter((account) => account.AccountNumber === null)) {
      expect(accounts.filter((other) => other.Name === Name && other.BillingPostalCode === BillingPostalCode)).toHaveLength(1);
    }
  });

  test('can be clean, and can hold one customer twice', async () => {
    const customers = ['ALFKI', 'ERNSH', 'QUEEN'];
    const clean = await crmSeed({ customers, dirt: 'none' });
    expect(clean.accounts?.map((account) => account.AccountNumber)).toEqual(customers);
    expect(clean.users?.every((user) => user.IsActive)).toBe(true);
    const twice = await crmSeed({ customers, dirt: 'twoMatches:ERNSH' });
    expect(twice.accounts?.map((account) => account.AccountNumber).sort()).toEqual(['ALFKI', 'ERNSH', 'ERNSH', 'QUEEN']);
  });
});

describe('Tryton’s seed', () => {
  test('has four parties keyed by hand, one of which only postal code and telephone tell', async () => {
    const { parties = [], taxes = [], paymentTerms = [] } = await erpSeed({ dirt: 'full' });
    expect(parties.map((party) => party.code).sort()).toEqual(['AROUT', 'HUNGO', 'RICSU', null].sort());
    const { customers } = await readNorthwind();
    const digits = (phone: string | null | undefined): string | undefined => phone?.replaceAll(/\D/g, '');
    const unnumbered = parties.find((party) => party.code === null)!;
    const alike = customers.filter(
      (customer) =>
        digits(customer['phone']) === digits(unnumbered.phone) && customer['postal_code'] === unnumbered.addresses?.[0]?.postalCode,
    );
    expect(alike.map((customer) => [customer['customer_id'], customer['company_name'] === unnumbered.name])).toEqual([['WARTH', false]]);
    expect([taxes.length, paymentTerms.length]).toEqual([3, 2]);
  });

  test('keeps what finance has set up where there is no dirt', async () => {
    const { parties, products } = await erpSeed({ customers: ['RICSU'], dirt: 'none' });
    expect([parties?.length, products?.map((product) => product.code)]).toEqual([0, ['FREIGHT']]);
  });
});
