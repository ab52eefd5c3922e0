import { AdapterError } from '../../contracts/failures.ts';
import type { Client } from './client.ts';
import type { Line } from './job-calls.ts';
import { endOf } from './job-wait.ts';
import type { SalesforceObject } from './objects.ts';
import type { SalesforceRow } from './shapes.ts';

/** Characters of the values in one statement, which may have 100,000 ("SOQL and SOSL Limits"); the rest is for its fields. */
export const valueCharacters = 90_000;

/** So long (ms) a job that reads may take, its time in the queue included: then its rows are asked for without one. */
const longestJobMs = 300_000;

/** All rows of a query by a job; null where Salesforce takes no such job, or does not come to its end, or tells less than it read. */
export async function queryByJob(client: Client, object: SalesforceObject, soql: string): Promise<readonly SalesforceRow[] | null> {
  const id = await createdJob(client, soql);
  if (id === null) return null;
  const job = await endOf(() => client.queryJobs.look(id), longestJobMs);
  if (job?.state !== 'JobComplete') return null;
  const rows: SalesforceRow[] = [];
  let locator: string | null = null;
  do {
    const page: Awaited<ReturnType<Client['queryJobs']['page']>> = await client.queryJobs.page(id, locator);
    rows.push(...page.lines.map((line) => rowOf(object, line)));
    locator = page.next;
  } while (locator !== null);
  return rows.length === job.processed && rows.every(({ Id }) => Id !== '') ? rows : null;
}

/** The job's id; null where the organization or its user has no such jobs, or they do not take the query. */
async function createdJob(client: Client, soql: string): Promise<string | null> {
  try {
    return await client.queryJobs.create(soql);
  } catch (error) {
    if (error instanceof AdapterError && (error.kind === 'invalidData' || error.kind === 'unsupported' || error.kind === 'notFound'))
      return null;
    throw error;
  }
}

/** A line as the row that a query would answer: stamps and after-images of both are compared with each other. */
function rowOf({ activeField }: SalesforceObject, line: Line): SalesforceRow {
  const values = Object.entries(line).map(([name, cell]) => {
    const value = cell === '' ? null : name === activeField ? cell === 'true' : cell.replace(/^(\d{4}-\d\d-\d\dT[\d:.]+)Z$/, '$1+0000');
    return [name, value] as const;
  });
  return { ...Object.fromEntries(values), Id: line['Id'] ?? '' };
}

/** Whether a text of a row has line breaks: nobody says that a file keeps them as they are. */
export function hasBreaks(row: SalesforceRow): boolean {
  return Object.values(row).some((value) => typeof value === 'string' && /[\r\n]/.test(value));
}
