import type { RowOutcome, WriteRow } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { OwnRefusal } from './answers.ts';
import { deletePresent, readRows, setActive } from './batch.ts';
import type { Reader, Writer } from './caller.ts';
import { anyActivity } from './caller.ts';
import type { Lookups } from './lookups.ts';
import { badRow, booleanField, given, idOf, onlyKnown, priceField, textField } from './row-fields.ts';
import { applied } from './settle.ts';
import { lineText } from './texts.ts';
import type { Json, JsonObject } from './values.ts';
import { decimalTag, isObject, numbersOf } from './values.ts';

const template = 'product.template';
const writable = ['code', 'name', 'listPrice', 'unit', 'kind', 'salable'];
const kinds = ['goods', 'service'];

/** Creates all products, each a template with one variant, in one call; the ids returned are the variants'. */
export async function createProducts(writer: Writer, lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const values: JsonObject[] = [];
  for (const row of rows) {
    const variant: Json = [['create', [given<Json>({ suffix_code: productCode(row.fields) })]]];
    values.push({ ...(await templateValues(row, writer, lookups)), products: variant });
  }
  const templates = await readRows(writer, template, await writer.create(template, values), ['products']);
  return applied(
    rows,
    templates.map((row) => numbersOf(row['products'])[0] ?? Number.NaN),
  );
}

/** Writes all products, template and variant together, in one call. */
export async function updateProducts(writer: Writer, lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  const ids = rows.map(idOf);
  const templates = await templateIds(writer, ids);
  const args: Json[] = [];
  for (const [index, row] of rows.entries()) {
    const code = productCode(row.fields);
    const variant: Json = code === undefined ? [] : [['write', [ids[index] ?? 0], { suffix_code: code }]];
    args.push([templates[index] ?? 0], { ...(await templateValues(row, writer, lookups)), products: variant });
  }
  await writer.change(
    `model.${template}.write`,
    args,
    rows.map((row) => row.stamp),
  );
  return applied(rows, ids);
}

/** Deletes all products; one whose template got further variants by hand is refused, because they would go with it. */
export function deleteProducts(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return deletePresent(writer, 'product.product', rows, anyActivity, async (present) => {
    const ids = present.map(idOf);
    const found = await readRows(writer, 'product.product', ids, ['template', 'template.products']);
    if (found.some((row) => isObject(row['template.']) && numbersOf(row['template.']['products']).length > 1)) throw hasVariants();
    await writer.change(
      `model.${template}.delete`,
      [found.map((row) => Number(row['template']))],
      present.map((row) => row.stamp),
    );
    return applied(present, ids);
  });
}

function hasVariants(): OwnRefusal {
  return new OwnRefusal('unsupported', 'the product has further variants made by hand; deactivate it instead', 'delete');
}

export function deactivateProducts(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return switchProducts(writer, rows, false);
}

export function reactivateProducts(writer: Writer, _lookups: Lookups, rows: readonly WriteRow[]): Promise<readonly RowOutcome[]> {
  return switchProducts(writer, rows, true);
}

async function switchProducts(writer: Writer, rows: readonly WriteRow[], active: boolean): Promise<readonly RowOutcome[]> {
  const ids = rows.map(idOf);
  const outcomes = await setActive(writer, template, rows, await templateIds(writer, ids), active);
  return outcomes.map((outcome, index) => (outcome.outcome === 'applied' ? { ...outcome, id: String(ids[index]) } : outcome));
}

async function templateIds(reader: Reader, ids: readonly number[]): Promise<readonly number[]> {
  return (await readRows(reader, 'product.product', ids, ['template'])).map((row) => Number(row['template']));
}

/** The number of a product, which its variant has. */
export function productCode(fields: Fields): string | null | undefined {
  return lineText(fields, 'code');
}

/** Values of a template; refuses what Tryton would not take. */
export async function templateValues(row: Pick<WriteRow, 'fields'>, reader: Reader, lookups: Lookups): Promise<JsonObject> {
  onlyKnown(row.fields, writable);
  const kind = textField(row.fields, 'kind');
  if (kind === null || (kind !== undefined && !kinds.includes(kind))) throw badRow('kind must be goods or service');
  const unit = textField(row.fields, 'unit');
  const unitId = typeof unit === 'string' ? await lookups.unit(reader, unit) : undefined;
  const price = row.fields['listPrice'];
  return given<Json>({
    name: lineText(row.fields, 'name'),
    list_price: price === undefined ? undefined : decimalTag(priceField(price, 'listPrice')),
    type: kind,
    salable: booleanField(row.fields, 'salable'),
    default_uom: unitId,
    // Tryton wants the unit of sale too as soon as a product is salable.
    sale_uom: unitId,
  });
}
