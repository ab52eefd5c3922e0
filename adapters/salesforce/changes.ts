import type { TargetChange } from '../../contracts/adapter.ts';
import type { Client } from './client.ts';
import type { SalesforceObject } from './objects.ts';
import { systemFields } from './objects.ts';
import { targetRecord } from './records.ts';
import { quoted } from './soql.ts';

/** Rows of one page of the change feed: what one answer holds at most (REST guide, "Query"). */
const pageSize = 2_000;

/** Records of one object that another user made or changed since an instant of Salesforce's clock, in the order of their ids. */
export async function* changesOf(
  run: <T>(read: (client: Client) => Promise<T>) => Promise<T>,
  name: string,
  object: SalesforceObject,
  since: string,
): AsyncGenerator<readonly TargetChange[]> {
  let after: string | null = null;
  do {
    const from: string | null = after;
    const page: readonly TargetChange[] = await run((client) => changesPage(client, name, object, { since, after: from }));
    if (page.length > 0) yield page;
    after = page.length < pageSize ? null : (page.at(-1)?.id ?? null);
  } while (after !== null);
}

async function changesPage(
  client: Client,
  name: string,
  object: SalesforceObject,
  { since, after }: { readonly since: string; readonly after: string | null },
): Promise<readonly TargetChange[]> {
  const { userId } = client.login;
  const fromMs = wholeSecond(since).getTime();
  const where = [...changedClauses(userId, since), ...(after === null ? [] : [`Id > ${quoted(after)}`])].join(' AND ');
  const fields = [...systemFields, ...object.fields].join(', ');
  const rows = await client.query(`SELECT ${fields} FROM ${object.type} WHERE ${where} ORDER BY Id LIMIT ${String(pageSize)}`);
  return rows.map((row): TargetChange => {
    const record = targetRecord(object, row, userId);
    const isNew = !record.createdByUs && Date.parse(record.createdAt ?? '') >= fromMs;
    return { ...record, object: name, change: isNew ? 'created' : 'changed', owner: null };
  });
}

/** Conditions under which another user made or changed a record since an instant. SystemModstamp is indexed and never before LastModifiedDate. */
export function changedClauses(userId: string, since: string): readonly string[] {
  const instant = `${wholeSecond(since).toISOString().slice(0, 19)}Z`;
  const made = `(CreatedById != ${quoted(userId)} AND CreatedDate >= ${instant})`;
  const changed = `(LastModifiedById != ${quoted(userId)} AND LastModifiedDate >= ${instant})`;
  return [`SystemModstamp >= ${instant}`, `(${made} OR ${changed})`];
}

/** Salesforce cuts its instants to a second, and so must a mark be. */
function wholeSecond(since: string): Date {
  return new Date(Math.floor(Date.parse(since) / 1000) * 1000);
}
