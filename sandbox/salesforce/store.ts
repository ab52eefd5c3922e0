import { createHash } from 'node:crypto';
import type { SandboxClock } from '../clock.ts';
import { recordId } from './record-id.ts';
import { schema } from './schema.ts';

export type Value = string | boolean | null;

/** A stored record: every field of its object, `Id` and the audit fields among them. */
export interface StoredRecord {
  readonly type: string;
  readonly values: Readonly<Record<string, Value>>;
}

/** All records of the organization; a deleted one stays, as in the recycle bin. */
export interface Store {
  get(id: string): StoredRecord | undefined;
  /** Records of a type that are not deleted, in the order they were made. */
  all(type: string): readonly StoredRecord[];
  insert(type: string, values: Readonly<Record<string, Value>>, user: string): StoredRecord;
  update(record: StoredRecord, changes: Readonly<Record<string, Value>>, user: string): void;
}

export function createStore(clock: SandboxClock): Store {
  const byId = new Map<string, StoredRecord>();
  const byType = new Map<string, Map<string, StoredRecord>>(Object.keys(schema).map((type) => [type, new Map()]));
  const put = (record: StoredRecord): void => {
    const id = String(record.values['Id']);
    byId.set(id, record);
    if (record.values['IsDeleted'] === true) byType.get(record.type)?.delete(id);
    else byType.get(record.type)?.set(id, record);
  };
  let made = 0;
  return {
    get: (id) => byId.get(id),
    all: (type) => [...(byType.get(type)?.values() ?? [])],
    insert: (type, values, user) => {
      const definition = schema[type];
      if (definition === undefined) throw new Error(`the sandbox has no object ${type}`);
      const at = instant(clock);
      const empty = Object.fromEntries(Object.keys(definition.fields).map((name) => [name, null]));
      const created = { Id: recordId(definition.prefix, ++made), IsDeleted: false, CreatedById: user, CreatedDate: at };
      const record = { type, values: { ...empty, ...values, ...created, ...modified(user, at) } };
      put(record);
      return record;
    },
    update: (record, changes, user) => {
      put({ type: record.type, values: { ...record.values, ...changes, ...modified(user, instant(clock)) } });
    },
  };
}

function modified(user: string, at: string): Readonly<Record<string, Value>> {
  return { LastModifiedById: user, LastModifiedDate: at, SystemModstamp: at };
}

/** Now, as Salesforce writes it: in UTC, exact to a second. */
function instant(clock: SandboxClock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 19)}.000+0000`;
}

/** The ETag of a row: a hash of its content. */
export function etagOf(record: StoredRecord): string {
  return `"${createHash('sha256').update(JSON.stringify(record.values)).digest('base64')}"`;
}
