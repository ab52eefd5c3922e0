import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emailOf, readNorthwind, text } from '../../scripts/dev/northwind/records.ts';
import { projectRoot } from '../../scripts/dev/project.ts';

const folder = join(projectRoot, 'test', 'histories');

/** Every payload of a history as text, whatever event it stands in, and the events themselves. */
function readable(json: string): string {
  const payloads = [...json.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  return [json, ...payloads].join('\n');
}

const histories = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ file, content: readable(readFileSync(join(folder, file), 'utf8')) }));

test('no history holds a name, an address, a telephone number or an e-mail address of the business it moved', async () => {
  const { customers, employees } = await readNorthwind();
  const columns = ['company_name', 'contact_name', 'address', 'phone', 'fax'];
  const values = [
    ...customers.flatMap((customer) => columns.map((column) => customer[column] ?? '')),
    ...employees.flatMap((employee) => [`${text(employee, 'first_name')} ${text(employee, 'last_name')}`, emailOf(employee)]),
  ].filter((value) => value.length > 5);
  expect(values.length).toBeGreaterThan(400);
  const found = histories.flatMap(({ file, content }) =>
    values.filter((value) => content.includes(value)).map((value) => `${file}: ${value}`),
  );
  expect(found).toEqual([]);
});

test('what is looked into is what the workflows say: gates, deciders and references are in it', () => {
  const all = histories.map(({ content }) => content).join('\n');
  for (const known of ['switch-pilot', 'finance', 'cutover/small-']) expect(all).toContain(known);
});
