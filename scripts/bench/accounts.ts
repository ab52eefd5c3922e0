/** The 25 fields of an account as Salesforce names them; the first is its key. */
export const fieldNames = [
  'AccountNumber',
  'Name',
  'Phone',
  'Website',
  'BillingStreet',
  'BillingCity',
  'BillingState',
  'BillingPostalCode',
  'BillingCountry',
  'Description',
  'Fax',
  'Site',
  'Sic',
  'SicDesc',
  'TickerSymbol',
  'Industry',
  'Type',
  'Rating',
  'Ownership',
  'AccountSource',
  'ShippingStreet',
  'ShippingCity',
  'ShippingState',
  'ShippingPostalCode',
  'ShippingCountry',
] as const;

export const keyField = fieldNames[0];

/** An account with all its fields; about 620 bytes as JSON. */
export type BenchAccount = Readonly<Record<(typeof fieldNames)[number], string>>;

const cities = ['Berlin', 'Lisbon', 'Seattle', 'Graz', 'Lyon', 'Turin', 'Malmo', 'Cork'];
const industries = ['Wholesale', 'Catering', 'Logistics', 'Retail', 'Chemistry'];

/** The n-th account, the same at every call: rounds and contestants move the same records, and the oracle knows them. */
export function accountAt(n: number): BenchAccount {
  const pick = (list: readonly string[], salt: number): string => list[(n * 31 + salt * 17) % list.length] ?? '';
  const code = String(n).padStart(7, '0');
  const digits = String((n * 7_919 + 104_729) % 10_000_000).padStart(7, '0');
  return {
    AccountNumber: keyOf(n),
    Name: `Company ${code} ${pick(cities, 1)} Trading`,
    Phone: `+1 555 ${digits}`,
    Website: `https://c${code}.example`,
    BillingStreet: `${String((n % 900) + 1)} Harbour Street`,
    BillingCity: pick(cities, 2),
    BillingState: `State ${String(n % 50)}`,
    BillingPostalCode: digits.slice(0, 5),
    BillingCountry: 'United States',
    Description: `Moved from the legacy ERP, record ${code}`,
    Fax: `+1 556 ${digits}`,
    Site: `Site ${String(n % 12)}`,
    Sic: digits.slice(2, 6),
    SicDesc: pick(industries, 3),
    TickerSymbol: `T${digits.slice(3)}`,
    Industry: pick(industries, 4),
    Type: 'Customer',
    Rating: pick(['Hot', 'Warm', 'Cold'], 5),
    Ownership: 'Private',
    AccountSource: 'Legacy',
    ShippingStreet: `${String((n % 700) + 1)} Station Road`,
    ShippingCity: pick(cities, 6),
    ShippingState: `State ${String((n + 7) % 50)}`,
    ShippingPostalCode: digits.slice(1, 6),
    ShippingCountry: 'United States',
  };
}

/** The key of the n-th account. */
export function keyOf(n: number): string {
  return `A${String(n).padStart(7, '0')}`;
}
