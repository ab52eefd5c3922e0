import { hash } from 'node:crypto';
import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields, FieldValue } from '../../contracts/fields.ts';
import type { SalesforceRow } from './shapes.ts';
import type { SalesforceObject } from './objects.ts';

export function targetRecord(object: SalesforceObject, row: SalesforceRow, userId: string): TargetRecord {
  const marker = object.markerField === null ? null : row[object.markerField];
  return {
    id: row.Id,
    fields: Object.fromEntries(object.fields.map((field) => [field, row[field] ?? null])),
    // Made when it is asked for: of most records that are read nobody ever does.
    get stamp() {
      return object.capability.conditionalWrite ? stampOf(object, row) : null;
    },
    state: object.activeField !== null && row[object.activeField] !== true ? 'inactive' : 'active',
    createdByUs: row.CreatedById === userId,
    createdAt: typeof row.CreatedDate === 'string' ? new Date(row.CreatedDate).toISOString() : null,
    marker: typeof marker === 'string' ? marker : null,
  };
}

/**
 * The version of a record as we saw it: who changed it when, and our fields' values, because SystemModstamp is exact to a
 * second only. A query does not tell the ETag; the writer reads it with the row it compares with this stamp.
 */
export function stampOf(object: SalesforceObject, row: SalesforceRow): string {
  const seen = [row.SystemModstamp, row.LastModifiedById, ...object.fields.map((field) => row[field] ?? null)];
  return hash('sha256', JSON.stringify(seen));
}

/** Whether the row holds what we write; Salesforce keeps no blanks around a text and no empty text. */
export function holds(row: SalesforceRow, fields: Fields): boolean {
  return Object.entries(fields).every(([name, value]) => kept(row[name]) === kept(value));
}

function kept(value: FieldValue | undefined): FieldValue {
  if (typeof value !== 'string') return value ?? null;
  return value.trim() === '' ? null : value.trim();
}
