import type { Reader } from './caller.ts';
import type { JsonObject } from './values.ts';
import { decimalText, isObject, textOf } from './values.ts';

/** Models whose configuration a load rests on, beside those of the plan's own objects. */
const alwaysRead = ['party.party', 'party.address', 'sale.sale', 'sale.line', 'product.product', 'product.template'];

/** What of a field's definition a mapping rests on. */
const facts = ['type', 'size', 'required', 'readonly', 'relation', 'selection'] as const;

/**
 * Fields of the models a load writes (type, length, whether required, choices), our own rights on them and the company we work for (`context`: what Tryton
 * holds of the user), and what finance has set up: taxes with their rates, payment terms, currencies. A line for each.
 */
export async function fingerprint(reader: Reader, models: readonly string[], context: JsonObject): Promise<readonly string[]> {
  const wanted = [...new Set([...alwaysRead, ...models])].sort();
  const lines: string[] = [`our company: ${JSON.stringify(context['company'] ?? null)}`];
  for (const model of wanted) {
    const definitions = await reader.ask(`model.${model}.fields_get`, [[]]);
    for (const [name, definition] of Object.entries(isObject(definitions) ? definitions : {}))
      if (isObject(definition)) lines.push(`field ${model}.${name}: ${fieldText(definition)}`);
  }
  const rights = await reader.ask('model.ir.model.access.get_access', [wanted]);
  for (const [model, right] of Object.entries(isObject(rights) ? rights : {}))
    lines.push(`our rights on ${model}: ${JSON.stringify(right)}`);
  for (const row of await reader.search('account.tax', [], ['name', 'rate', 'active']))
    lines.push(
      `tax ${String(textOf(row['name']))}: rate ${String(decimalText(row['rate']))}, active ${JSON.stringify(row['active'] ?? null)}`,
    );
  for (const row of await reader.search('account.invoice.payment_term', [], ['name', 'active']))
    lines.push(`payment term ${String(textOf(row['name']))}: active ${JSON.stringify(row['active'] ?? null)}`);
  return lines.sort();
}

function fieldText(definition: JsonObject): string {
  const known = facts.filter((fact) => definition[fact] !== undefined && definition[fact] !== null && definition[fact] !== false);
  return known.map((fact) => `${fact} ${JSON.stringify(definition[fact])}`).join(', ');
}
