import { countries } from './countries.ts';
import type { SeedAddress, SeedParty, SeedProduct, TrytonSeed } from './seed-data.ts';
import type { Store } from './store.ts';
import type { User } from './users.ts';
import type { Value, Values } from './value.ts';
import { decimal } from './value.ts';
import type { Act } from './writing.ts';
import { createRecord } from './writing.ts';

/** Lays down what every database has before people come: countries, currency, company, unit, accounting category. */
export function baseSeed(store: Store, user: User, seed: TrytonSeed): void {
  for (const code of countries) store.insert('country.country', { name: code, code, active: true }, user.id);
  const currency = store.insert('currency.currency', { name: seed.currency ?? 'USD', code: seed.currency ?? 'USD', active: true }, 1);
  const party = store.insert('party.party', { name: seed.company ?? 'Northwind Traders', code: 'COMPANY', active: true }, 1);
  store.insert('company.company', { party: party.id, currency: currency.id }, 1);
  store.insert('product.uom', { name: 'Unit', active: true }, 1);
  store.insert('product.category', { name: 'Goods', active: true }, 1);
  for (const login of ['admin', 'cutover', 'sales']) store.insert('res.user', { login, name: login, active: true }, 1);
}

/** Adds reference data, and records as the user `sales` would key them; throws Tryton's own refusals. */
export function applySeed(act: Act, seed: TrytonSeed): void {
  const finance = 1;
  for (const code of seed.currencies ?? []) act.store.insert('currency.currency', { name: code, code, active: true }, finance);
  for (const code of seed.countries ?? []) act.store.insert('country.country', { name: code, code, active: true }, finance);
  for (const tax of seed.taxes ?? []) act.store.insert('account.tax', { name: tax.name, rate: decimal(tax.rate), active: true }, finance);
  for (const term of seed.paymentTerms ?? []) act.store.insert('account.invoice.payment_term', { name: term.name, active: true }, finance);
  for (const product of seed.products ?? []) seedRecord(act, 'product.template', productValues(product), product.active);
  for (const party of seed.parties ?? []) seedRecord(act, 'party.party', partyValues(act.store, party), party.active);
}

/** Finance gives a product its account category afterwards; an inactive record is keyed first and switched off then. */
function seedRecord(act: Act, model: string, values: Values, active = true): void {
  const id = createRecord(act, model, values);
  if (model === 'product.template') act.store.update(model, id, { account_category: 1 }, 1);
  if (!active) act.store.update(model, id, { active }, act.user.id);
}

function productValues(product: SeedProduct): Values {
  return {
    name: product.name,
    type: product.kind ?? 'goods',
    list_price: decimal(product.listPrice ?? '0'),
    salable: product.salable ?? true,
    default_uom: 1,
    sale_uom: 1,
    products: [['create', [{ suffix_code: product.code }]]],
  };
}

function partyValues(store: Store, party: SeedParty): Values {
  const mechanisms: Value[] = [];
  if (party.phone != null) mechanisms.push({ type: 'phone', value: party.phone, name: party.contactPerson ?? null });
  if (party.fax != null) mechanisms.push({ type: 'fax', value: party.fax });
  return {
    ...(party.code == null || party.code === '' ? {} : { code: party.code }),
    name: party.name,
    addresses: [['create', (party.addresses ?? []).map((address) => addressValues(store, address))]],
    contact_mechanisms: [['create', mechanisms]],
  };
}

function addressValues(store: Store, address: SeedAddress): Values {
  const [country] = address.country == null ? [] : store.pointing('country.country', 'code', address.country);
  if (address.country != null && country === undefined)
    throw new Error(`the seed names a country "${address.country}" that is no ISO 3166 two-letter code`);
  return {
    street: address.street ?? null,
    city: address.city ?? null,
    postal_code: address.postalCode ?? null,
    country: country?.id ?? null,
  };
}
