import { describe, expect, test } from '@jest/globals';
import { parseCsv } from '../../scripts/dev/northwind/csv.ts';
import { crmSeed } from '../../scripts/dev/northwind/crm.ts';
import { erpSeed } from '../../scripts/dev/northwind/erp.ts';
import { readNorthwind } from '../../scripts/dev/northwind/records.ts';

describe('the CSV files', () => {
  test('may quote commas, line ends and quotes; an empty value is null', () => {
    expect(parseCsv('a,b,c\r\n1,"x, ""y""\nz",\n,"",é')).toEqual([
      { a: '1', b: 'x, "y"\nz', c: null },
      { a: null, b: null, c: 'é' },
    ]);
  });

  test('are refused where a record does not fit the header or a quote stays open', () => {
    expect(() => parseCsv('a,b\n1\n')).toThrow('has 1 values where the header names 2 columns');
    expect(() => parseCsv('a\n"x')).toThrow('quote');
  });

  test('hold the sample whole, and a part of it by customer', async () => {
    const whole = await readNorthwind();
    expect([whole.customers.length, whole.orders.length, whole.order_details.length, whole.products.length]).toEqual([91, 830, 2155, 77]);
    expect(whole.orders[0]).toMatchObject({ order_id: '10248', order_date: '1996-07-04', shipped_date: '1996-07-16', ship_region: null });
    const part = await readNorthwind(['LINOD']);
    expect(new Set(part.orders.map((order) => order.customer_id))).toEqual(new Set(['LINOD']));
    expect(part.products).toHaveLength(77);
    await expect(readNorthwind(['NOONE'])).rejects.toThrow('Northwind has no customer NOONE');
  });
});

describe('the CRM’s seed', () => {
  const tally = (numbers: readonly (string | null | undefined)[]) =>
    numbers.filter((number, place) => number != null && numbers.indexOf(number) !== place);

  test('has the dirt the example states: 3 accounts without a number, 2 pairs, 5 prospects, one inactive owner', async () => {
    const { accounts = [], users = [] } = await crmSeed();
    expect(accounts).toHaveLength(98);
    expect(accounts.filter((account) => account.number === null).map((account) => account.name)).toEqual([
      'Frankenversand',
      'Königlich Essen',
      'Lehmanns Marktstand',
    ]);
    expect(tally(accounts.map((account) => account.number))).toEqual(['HANAR', 'LILAS']);
    expect(accounts.filter((account) => account.number === undefined)).toHaveLength(5);
    const gone = users.filter((user) => user.active === false).map((user) => user.email);
    expect(gone).toEqual(['anne.dodsworth@northwind.example']);
    expect(accounts.filter((account) => account.ownerEmail === gone[0]).map((account) => account.number)).toEqual([
      'AROUT',
      'BLAUS',
      'BOLID',
      'FURIB',
    ]);
  });

  test('finds each numberless account by name and postal code alone', async () => {
    const { accounts = [] } = await crmSeed();
    for (const { name, postalCode } of accounts.filter((account) => account.number === null)) {
      expect(accounts.filter((other) => other.name === name && other.postalCode === postalCode)).toHaveLength(1);
    }
  });

  test('can be clean, and can hold one customer twice', async () => {
    const customers = ['ALFKI', 'ERNSH', 'LILAS'];
    const clean = await crmSeed({ customers, dirt: 'none' });
    expect(clean.accounts?.map((account) => account.number)).toEqual(customers);
    expect(clean.users?.every((user) => user.active)).toBe(true);
    const twice = await crmSeed({ customers, dirt: 'twoMatches:ERNSH' });
    expect(twice.accounts?.map((account) => account.number)).toEqual(['ALFKI', 'ERNSH', 'ERNSH', 'LILAS']);
  });
});

describe('Tryton’s seed', () => {
  test('has four parties keyed by hand, one of which only postal code and telephone tell', async () => {
    const { parties = [], taxes = [], paymentTerms = [] } = await erpSeed();
    expect(parties.map((party) => party.code)).toEqual(
      ['DRACD', 'OTTIK', 'PICCO', 'REGGC'].map((code) => (code === 'DRACD' ? null : code)),
    );
    const { customers } = await readNorthwind();
    const digits = (phone: string | null | undefined) => phone?.replaceAll(/\D/g, '');
    const drachenblut = parties[0]!;
    const alike = customers.filter(
      (customer) =>
        digits(customer['phone']) === digits(drachenblut.phone) && customer['postal_code'] === drachenblut.addresses?.[0]?.postalCode,
    );
    expect(alike.map((customer) => [customer['customer_id'], customer['company_name'] === drachenblut.name])).toEqual([['DRACD', false]]);
    expect([taxes.length, paymentTerms.length]).toEqual([3, 2]);
  });

  test('keeps what finance has set up where there is no dirt', async () => {
    const { parties, products } = await erpSeed({ customers: ['OTTIK'], dirt: 'none' });
    expect([parties?.length, products?.map((product) => product.code)]).toEqual([0, ['FREIGHT']]);
  });
});
