import { askDatabase } from '../sql.ts';
import type { Tables } from '../tables.ts';

/** Stamps of a row; who made it stays. */
const stamps = `array['create_date', 'write_date', 'write_uid']`;

/** Business records whose children belong to them alone: the model, and its children by the field that points back. */
const owners: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'party.party': { 'party.address': 'party', 'party.contact_mechanism': 'party', 'party.identifier': 'party' },
  'product.template': { 'product.product': 'template', 'product.list_price': 'template' },
  'sale.sale': { 'sale.line': 'sale' },
};

/** Records that stand alone, or that must not come into being at all. */
const alone = [
  'product.product',
  'account.tax',
  'account.invoice.payment_term',
  'account.invoice',
  'account.move',
  'stock.shipment.out',
  'stock.move',
];

/**
 * Every business record in Tryton's own database by its model, inactive ones included, under Tryton's column names and with its children as
 * `<model of the child>` lists; a sale line also holds the ids of its taxes. Amounts are JSON numbers, good for comparing, not for sums.
 */
export async function trytonTables(databaseUrl: string): Promise<Tables> {
  const statements = [
    ...Object.entries(owners).map(([model, children]) => ownerRows(model, children)),
    ...alone.map((model) => ownerRows(model, {})),
  ];
  const answers = await askDatabase(databaseUrl, statements);
  const names = [...Object.keys(owners), ...alone];
  return Object.fromEntries(names.map((name, index) => [name, (answers[index] ?? []).map(({ row }) => row as Tables[string][number])]));
}

function ownerRows(model: string, children: Readonly<Record<string, string>>): string {
  const lists = Object.entries(children).map(
    ([child, back]) =>
      `'${child}', coalesce((select jsonb_agg(${childRow(child)} order by c.id) from ${tableOf(child)} c where c.${back} = r.id), '[]')`,
  );
  return `select to_jsonb(r) - ${stamps} || jsonb_build_object(${lists.join(', ')}) as row from ${tableOf(model)} r order by r.id`;
}

function childRow(child: string): string {
  const plain = `to_jsonb(c) - ${stamps}`;
  if (child !== 'sale.line') return plain;
  const taxes = `select jsonb_agg(t.tax order by t.tax) from "sale_line-account_tax" t where t.line = c.id`;
  return `${plain} || jsonb_build_object('taxes', coalesce((${taxes}), '[]'))`;
}

function tableOf(model: string): string {
  return `"${model.replaceAll('.', '_')}"`;
}
