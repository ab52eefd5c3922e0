/** The part of Tryton 8.2's models that the sandbox keeps, with Tryton's own labels, because its refusals quote them. */
export interface FieldDefinition {
  readonly label: string;
  readonly kind:
    | 'char'
    | 'text'
    | 'boolean'
    | 'decimal'
    | 'float'
    | 'date'
    | 'datetime'
    | 'selection'
    | 'many2one'
    | 'one2many'
    | 'many2many'
    | 'computed';
  readonly required?: boolean;
  /** A text of one line that keeps the blanks around it. */
  readonly keepsBlanks?: boolean;
  /** Never written from outside. */
  readonly readonly?: boolean;
  /** Decimals allowed after the point. */
  readonly digits?: number;
  readonly options?: readonly string[];
  /** Model of a relation; for one2many also the field there that points back. */
  readonly target?: string;
  readonly inverse?: string;
  /** What becomes of this record when the one it points at is deleted; a plain many2one is emptied. */
  readonly onDelete?: 'cascade' | 'restrict';
}

export interface ModelDefinition {
  readonly label: string;
  readonly fields: Readonly<Record<string, FieldDefinition>>;
}

const char = (label: string, more: Partial<FieldDefinition> = {}): FieldDefinition => ({ label, kind: 'char', ...more });
const text = (label: string): FieldDefinition => ({ label, kind: 'text' });
const flag = (label: string): FieldDefinition => ({ label, kind: 'boolean' });
const integer = (label: string): FieldDefinition => ({ label, kind: 'float', digits: 0 });
const computed = (label: string): FieldDefinition => ({ label, kind: 'computed' });
const one = (label: string, target: string, more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  label,
  kind: 'many2one',
  target,
  ...more,
});
const many = (label: string, target: string, inverse: string): FieldDefinition => ({ label, kind: 'one2many', target, inverse });
const choice = (label: string, options: readonly string[], more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  label,
  kind: 'selection',
  options,
  ...more,
});
const named = (label: string, more: Readonly<Record<string, FieldDefinition>> = {}): ModelDefinition => ({
  label,
  fields: { name: char('Name'), active: flag('Active'), ...more },
});

const partyModels: Readonly<Record<string, ModelDefinition>> = {
  'party.party': {
    label: 'Party',
    fields: {
      ...{ code: char('Code', { required: true }), name: char('Name', { keepsBlanks: true }), active: flag('Active') },
      addresses: many('Addresses', 'party.address', 'party'),
      contact_mechanisms: many('Contact Mechanisms', 'party.contact_mechanism', 'party'),
      identifiers: many('Identifiers', 'party.identifier', 'party'),
    },
  },
  'party.address': {
    label: 'Address',
    fields: {
      party: one('Party', 'party.party', { required: true, onDelete: 'cascade' }),
      ...{ street: text('Street'), city: char('City'), postal_code: char('Postal Code'), country: one('Country', 'country.country') },
      ...{ sequence: integer('Sequence'), active: flag('Active') },
    },
  },
  'party.contact_mechanism': {
    label: 'Contact Mechanism',
    fields: {
      party: one('Party', 'party.party', { required: true, onDelete: 'cascade' }),
      type: choice('Type', ['phone', 'mobile', 'fax', 'email', 'website', 'skype', 'sip', 'irc', 'jabber', 'other'], { required: true }),
      ...{ value: char('Value', { required: true }), name: char('Name'), sequence: integer('Sequence'), active: flag('Active') },
    },
  },
  'party.identifier': {
    label: 'Party Identifier',
    fields: {
      party: one('Party', 'party.party', { required: true, onDelete: 'cascade' }),
      type: char('Type'),
      ...{ code: char('Code', { required: true }), active: flag('Active') },
    },
  },
};

const productModels: Readonly<Record<string, ModelDefinition>> = {
  'product.template': {
    label: 'Product Template',
    fields: {
      name: char('Name', { required: true }),
      type: choice('Type', ['goods', 'assets', 'service'], { required: true }),
      ...{ list_price: { label: 'List Price', kind: 'decimal', digits: 4 }, salable: flag('Salable'), active: flag('Active') },
      default_uom: one('Default UoM', 'product.uom', { required: true }),
      sale_uom: one('Sale UoM', 'product.uom'),
      account_category: one('Account Category', 'product.category'),
      products: many('Variants', 'product.product', 'template'),
    },
  },
  'product.product': {
    label: 'Product',
    fields: {
      template: one('Product Template', 'product.template', { required: true, onDelete: 'cascade' }),
      ...{ suffix_code: char('Suffix Code'), code: char('Code', { readonly: true }), active: flag('Active') },
      ...Object.fromEntries(['name', 'type', 'salable', 'default_uom', 'sale_uom'].map((name) => [name, computed(name)])),
    },
  },
};

const states = ['draft', 'quotation', 'confirmed', 'processing', 'done', 'cancelled'];
const methods = ['manual', 'order', 'fulfillment', 'invoice'];

const saleModels: Readonly<Record<string, ModelDefinition>> = {
  'sale.sale': {
    label: 'Sale',
    fields: {
      company: one('Company', 'company.company', { required: true }),
      ...{
        number: char('Number', { readonly: true }),
        reference: char('Reference'),
        description: char('Description'),
        comment: text('Comment'),
      },
      ...{ sale_date: { label: 'Sale Date', kind: 'date' }, state: choice('State', states, { readonly: true }) },
      party: one('Party', 'party.party', { required: true, onDelete: 'restrict' }),
      invoice_address: one('Invoice Address', 'party.address'),
      shipment_address: one('Shipment Address', 'party.address'),
      currency: one('Currency', 'currency.currency', { required: true }),
      payment_term: one('Payment Term', 'account.invoice.payment_term', { onDelete: 'restrict' }),
      ...{ invoice_method: choice('Invoice Method', methods), shipment_method: choice('Shipment Method', methods) },
      lines: many('Lines', 'sale.line', 'sale'),
      invoices: many('Invoices', 'account.invoice', 'sale'),
      shipments: many('Shipments', 'stock.shipment.out', 'sale'),
      ...{ untaxed_amount: computed('Untaxed'), tax_amount: computed('Tax'), total_amount: computed('Total') },
    },
  },
  'sale.line': {
    label: 'Sale Line',
    fields: {
      sale: one('Sale', 'sale.sale', { required: true, onDelete: 'cascade' }),
      type: choice('Type', ['line', 'subtotal', 'title', 'comment'], { required: true }),
      product: one('Product', 'product.product', { onDelete: 'restrict' }),
      unit: one('Unit', 'product.uom', { onDelete: 'restrict' }),
      quantity: { label: 'Quantity', kind: 'float', digits: 0, required: true },
      unit_price: { label: 'Unit Price', kind: 'decimal', digits: 4, required: true },
      taxes: { label: 'Taxes', kind: 'many2many', target: 'account.tax' },
      ...{ note: text('Note'), description: text('Description'), sequence: integer('Sequence'), amount: computed('Amount') },
    },
  },
};

const documentFields: Readonly<Record<string, FieldDefinition>> = {
  sale: one('Sale', 'sale.sale', { onDelete: 'restrict' }),
  state: choice('State', ['draft', 'posted', 'cancelled']),
};

export const schema: Readonly<Record<string, ModelDefinition>> = {
  ...partyModels,
  ...productModels,
  ...saleModels,
  'account.invoice': { label: 'Invoice', fields: documentFields },
  'stock.shipment.out': { label: 'Customer Shipment', fields: documentFields },
  'account.tax': named('Tax', { rate: { label: 'Rate', kind: 'decimal' } }),
  'account.invoice.payment_term': named('Payment Term'),
  'product.category': named('Category'),
  'product.uom': named('Unit of Measure'),
  'country.country': named('Country', { code: char('Code') }),
  'currency.currency': named('Currency', { code: char('Code') }),
  'company.company': { label: 'Company', fields: { party: one('Party', 'party.party'), currency: one('Currency', 'currency.currency') } },
  'res.user': { label: 'User', fields: { login: char('Login'), name: char('Name'), active: flag('Active') } },
};
