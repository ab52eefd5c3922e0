import type { FieldShape } from '../../contracts/adapter.ts';
import type { Reader } from './caller.ts';
import { isObject } from './values.ts';

/** Where the texts of an object lie in Tryton: model and field by our name. */
const places: Readonly<Record<string, Readonly<Record<string, readonly [model: string, field: string]>>>> = {
  party: {
    code: ['party.party', 'code'],
    name: ['party.party', 'name'],
    contactPerson: ['party.contact_mechanism', 'name'],
    phone: ['party.contact_mechanism', 'value'],
    fax: ['party.contact_mechanism', 'value'],
  },
  product: { code: ['product.product', 'suffix_code'], name: ['product.template', 'name'] },
  sale: { reference: ['sale.sale', 'reference'], description: ['sale.sale', 'description'] },
};

/** The shape with the lengths this very database declares: Tryton's own modules limit none of these texts, but a company's own module may. */
export async function withLengths(reader: Reader, object: string, shape: readonly FieldShape[]): Promise<readonly FieldShape[]> {
  const own = places[object] ?? {};
  const sizes = new Map<string, unknown>();
  for (const model of new Set(Object.values(own).map(([name]) => name))) {
    const wanted = Object.values(own).flatMap(([name, field]) => (name === model ? [field] : []));
    const definitions = await reader.table(`model.${model}.fields_get`, [[...new Set(wanted)]]);
    for (const [field, definition] of Object.entries(definitions))
      sizes.set(`${model}.${field}`, isObject(definition) ? definition['size'] : null);
  }
  return shape.map((field) => {
    const size = sizes.get((own[field.name] ?? []).join('.'));
    return { ...field, maxLength: typeof size === 'number' ? size : null };
  });
}
