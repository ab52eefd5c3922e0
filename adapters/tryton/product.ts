import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { anyActivity, stampText } from './caller.ts';
import type { TrytonObject } from './object.ts';
import { likePattern, origin, originFields, sameDecimal, stampsIn } from './object.ts';
import { createProducts, deactivateProducts, deleteProducts, reactivateProducts, updateProducts } from './product-write.ts';
import { onlyKnown } from './row-fields.ts';
import type { JsonObject } from './values.ts';
import { decimalText, folded, isObject, textOf } from './values.ts';

const paths: Readonly<Record<string, string>> = {
  code: 'code',
  name: 'template.name',
  kind: 'template.type',
  listPrice: 'template.list_price',
  unit: 'template.default_uom.name',
};

/**
 * A product with its one variant: `code` (of the variant; unique among active ones), `name`, `listPrice` (at most 4 decimals),
 * `unit`, `kind` (`goods` or `service`), `salable`. Ids are the variant's; stamps cover variant and template. The account
 * category is not among the fields: Tryton lets only the group Account Product Administration set it, so finance does.
 */
export const product: TrytonObject = {
  model: 'product.product',
  capability: {
    keyField: 'code',
    // Refused only while the other one is active; what a create of ours left behind is.
    keyIsUnique: true,
    proof: 'creator',
    rest: null,
    conditionalWrite: true,
    paces: {},
    undo: { active: 'delete', inactive: 'delete' },
    volatile: [],
    decimals: ['listPrice'],
    halfWay: [],
    activated: [],
    owner: null,
    void: [],
  },
  shape: ['code', 'name', 'listPrice', 'unit', 'kind', 'salable'].map((name) => ({
    name,
    required: name === 'name' || name === 'unit',
    maxLength: null,
  })),
  keyClause: (keys) => ['code', 'in', keys],
  always: anyActivity,
  parts: ['template'],
  reads: [
    'code',
    'active',
    ...['name', 'type', 'list_price', 'salable', 'default_uom.name', 'active', '_timestamp'].map((name) => `template.${name}`),
    ...originFields,
  ],
  toRecord,
  criteriaDomain: (criteria) => {
    onlyKnown(criteria, Object.keys(paths));
    const textual = Object.entries(criteria).filter(([name]) => name === 'code' || name === 'name');
    return textual.map(([name, value]) => [paths[name] ?? name, 'ilike', likePattern(value)]);
  },
  matches,
  operations: {
    create: createProducts,
    update: updateProducts,
    delete: deleteProducts,
    deactivate: deactivateProducts,
    reactivate: reactivateProducts,
  },
};

function toRecord(row: JsonObject, userId: number): TargetRecord {
  const template = isObject(row['template.']) ? row['template.'] : {};
  const unit = template['default_uom.'];
  return {
    ...origin(row, userId),
    state: row['active'] === true && template['active'] === true ? 'active' : 'inactive',
    stamp: stampText({ ...stampsIn('product.product', [row]), ...stampsIn('product.template', [template]) }),
    marker: null,
    fields: {
      code: textOf(row['code']),
      name: textOf(template['name']),
      listPrice: decimalText(template['list_price']),
      unit: isObject(unit) ? textOf(unit['name']) : null,
      kind: textOf(template['type']),
      salable: template['salable'] === true,
    },
  };
}

function matches(record: TargetRecord, criteria: Fields): boolean {
  return Object.entries(criteria).every(([name, value]) =>
    name === 'listPrice' ? sameDecimal(record.fields[name], value) : folded(record.fields[name]) === folded(value),
  );
}
