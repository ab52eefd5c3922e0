import { AdapterError } from '../../contracts/failures.ts';
import type { Client } from './client.ts';

/** Objects whose configuration the switch and the intake of leads rest on. */
const types = ['Account', 'Lead', 'User'] as const;

/** Where an organization keeps its routing: the rule that assigns new leads, and the queues they go to. */
const routing = [
  { type: 'AssignmentRule', fields: ['Id', 'Name', 'SobjectType', 'Active'], what: 'assignment rule' },
  { type: 'QueueSobject', fields: ['QueueId', 'SobjectType'], what: 'queue' },
] as const;

/**
 * Fields (type, length, whether they may be written, picklist values), our own rights, and routing where this organization shows it to our user.
 * A line for each; what is hidden is a line too, so that hiding it is a change.
 */
export async function fingerprint(client: Client): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const type of types) {
    const { fields, queryable, createable, updateable, deletable } = await client.describe(type);
    lines.push(`our rights on ${type}: ${JSON.stringify({ queryable, createable, updateable, deletable })}`);
    for (const field of fields) {
      const values = (field.picklistValues ?? []).map(({ value, active }) => `${value}${active ? '' : ' (inactive)'}`);
      const flags = [field.nillable ? '' : 'required', field.createable ? 'createable' : '', field.updateable ? 'updateable' : ''];
      lines.push(`field ${type}.${field.name}: ${[field.type, String(field.length), ...flags, ...values].filter(Boolean).join(', ')}`);
    }
  }
  for (const { type, fields, what } of routing) lines.push(...(await routingLines(client, type, fields, what)));
  return lines.sort();
}

async function routingLines(client: Client, type: string, fields: readonly string[], what: string): Promise<readonly string[]> {
  try {
    const rows = await client.query(`SELECT ${fields.join(', ')} FROM ${type}`);
    return rows.map((row) => `${what} ${fields.map((field) => JSON.stringify(row[field] ?? null)).join(' ')}`);
  } catch (error) {
    if (error instanceof AdapterError && (error.kind === 'notFound' || error.kind === 'unsupported' || error.kind === 'invalidData'))
      return [`${what}: not shown to our user`];
    throw error;
  }
}
