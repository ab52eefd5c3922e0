import { UserError } from './errors.ts';
import { recordName, valueOf } from './reading.ts';
import { checkSale, checkSaleLine, saleDefaults } from './sale-rules.ts';
import type { Row, Store } from './store.ts';
import { definitionOf } from './store.ts';
import type { User } from './users.ts';
import type { Value, Values } from './value.ts';

/** What a new record gets where nothing is given. */
export function defaultsOf(store: Store, model: string, given: Values): Values {
  const active: Values = 'active' in definitionOf(model).fields ? { active: true } : {};
  switch (model) {
    case 'party.party':
      return 'code' in given ? active : { ...active, code: nextPartyCode(store) };
    case 'product.template':
      return { ...active, type: 'goods', salable: false };
    case 'sale.sale':
      return saleDefaults(store);
    case 'sale.line':
      return { type: 'line' };
    default:
      return active;
  }
}

/** Tryton numbers parties by a sequence of its own where no code is given. */
function nextPartyCode(store: Store): Value {
  const code = String(store.next('party.code'));
  return store.pointing('party.party', 'code', code).length === 0 ? code : nextPartyCode(store);
}

/** Refuses fields that nobody may set, that the user's groups close, or that the record's state closes. */
export function checkWritable(store: Store, user: User, model: string, row: Row | null, given: Values): void {
  const { label, fields } = definitionOf(model);
  for (const name of Object.keys(given)) {
    const field = fields[name];
    if (field?.readonly === true) throw new UserError(`You are not allowed to modify the field "${field.label}" of "${label}".`);
    if (field?.kind === 'computed') throw new Error(`Missing setter function for field "${field.label}" in "${label}".`);
  }
  if ('account_category' in given && !user.administrator) throw new UserError(`You are not allowed to access "${label}.Account Category".`);
  const closed = closedField(store, model, row, given);
  if (closed === null) return;
  const name = row === null ? '()' : recordName(store, model, row);
  throw new UserError(`You are not allowed to modify the field "${fields[closed]?.label ?? closed}" in record "${name}" of "${label}".`);
}

/** Fields of a sale that stay open after draft, and after quotation; of a line only the note does. */
const openInQuotation = ['reference', 'comment', 'sale_date', 'lines'];
const openLater = ['reference', 'comment', 'lines'];

/** A record that is inactive, or would be made so, takes nothing but `active`; what hangs below it stays open. */
function closedByActivity(model: string, row: Row | null, given: Values): string | null {
  const { fields } = definitionOf(model);
  if ((row === null ? given['active'] : row.values['active']) !== false) return null;
  return Object.keys(given).find((name) => name !== 'active' && fields[name]?.kind !== 'one2many') ?? null;
}

function closedField(store: Store, model: string, row: Row | null, given: Values): string | null {
  const inactive = closedByActivity(model, row, given);
  if (inactive !== null) return inactive;
  if (model === 'party.party' && row !== null && 'code' in given) return 'code';
  if (model === 'sale.sale' && row !== null && row.values['state'] !== 'draft') {
    const open = row.values['state'] === 'quotation' ? openInQuotation : openLater;
    return Object.keys(given).find((name) => !open.includes(name)) ?? null;
  }
  if (model !== 'sale.line') return null;
  const sale = store.row('sale.sale', Number(row === null ? given['sale'] : row.values['sale']));
  if (sale === undefined || sale.values['state'] === 'draft') return null;
  return row === null ? 'type' : (Object.keys(given).find((name) => name !== 'note') ?? null);
}

/** What a record must satisfy after every change. */
export function checkRecord(store: Store, model: string, id: number): void {
  const row = store.row(model, id);
  if (row === undefined) return;
  checkRequired(store, model, row);
  if (model === 'party.party') checkUniqueCode(store, row);
  if (model === 'product.template') checkTemplate(store, row);
  if (model === 'product.product') checkVariant(store, row);
  if (model === 'sale.sale') checkSale(store, row);
  if (model === 'sale.line') checkSaleLine(store, row);
}

function checkRequired(store: Store, model: string, row: Row): void {
  const { label, fields } = definitionOf(model);
  for (const [name, field] of Object.entries(fields)) {
    const value = row.values[name] ?? null;
    if (field.required === true && (value === null || value === ''))
      throw new UserError(`A value is required for field "${field.label}" in record "${recordName(store, model, row)}" of "${label}".`);
  }
}

function checkUniqueCode(store: Store, row: Row): void {
  if (store.pointing('party.party', 'code', row.values['code'] ?? null).length > 1)
    throw new UserError('The code on party must be unique.');
}

function checkTemplate(store: Store, row: Row): void {
  if (row.values['salable'] === true && (row.values['sale_uom'] ?? null) === null) {
    throw new UserError(
      `A value is required for field "Sale UoM" in record "${recordName(store, 'product.template', row)}" of "Product Template".`,
    );
  }
}

/** The code of a variant is its suffix, and unique among variants that are active themselves, whatever their template is. */
function checkVariant(store: Store, row: Row): void {
  const code = valueOf(store, 'product.product', row, 'suffix_code');
  if (row.values['code'] !== code) store.update('product.product', row.id, { code }, row.writtenBy ?? row.createdBy);
  if (code === null || code === '' || row.values['active'] !== true) return;
  const same = store.pointing('product.product', 'code', code).filter((other) => other.values['active'] === true);
  if (same.length > 1) throw new UserError('Code of active product must be unique.');
}
