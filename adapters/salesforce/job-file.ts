import { setImmediate } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import type { WriteRow } from '../../contracts/adapter.ts';
import type { FieldValue } from '../../contracts/fields.ts';
import type { SalesforceObject } from './objects.ts';

/** Characters of one cell, and bytes of one file ("Bulk API 2.0 Limits": 150 MB once Salesforce has encoded it, 100 MB as it is sent). */
const longestCell = 32_000;
const largestFile = 90_000_000;
const rowsAtOnce = 200;

/** Rows that go into one job, with its file. */
export interface JobFile {
  readonly rows: readonly WriteRow[];
  readonly csv: string;
}

/** The column by which results are told apart: they come in no promised order, but each line repeats the cells that were sent. */
export function nameColumn({ markerField, capability }: SalesforceObject): string {
  return markerField ?? capability.keyField;
}

/** What a row is called in its job. */
export function nameOf(object: SalesforceObject, { effectId, fields }: WriteRow): string {
  const key = fields[object.capability.keyField];
  return object.markerField !== null ? effectId : typeof key === 'string' ? key : '';
}

/**
 * New rows in files of jobs, and those that no job takes as they are: whose name is missing or that of another row, or with a text that a file would alter
 * or that is too long for a cell. Others have their turn between two hundred rows.
 */
export async function jobFiles(
  object: SalesforceObject,
  rows: readonly WriteRow[],
): Promise<{ readonly files: readonly JobFile[]; readonly others: readonly WriteRow[] }> {
  const named = Map.groupBy(rows, (row) => nameOf(object, row).toLowerCase());
  const fits = (row: WriteRow): boolean => {
    const name = nameOf(object, row);
    return name.trim() === name && name !== '' && named.get(name.toLowerCase())?.length === 1 && Object.values(row.fields).every(fitsCell);
  };
  const inJob = rows.filter(fits);
  const own = object.markerField === null ? [] : [object.markerField];
  const columns = [...new Set([...own, ...inJob.flatMap(({ fields }) => Object.keys(fields))])];
  const files: JobFile[] = [];
  let [part, bytes, lines]: [WriteRow[], number, string[]] = [[], 0, []];
  const header = stringify([columns]);
  const close = (): void => {
    if (part.length > 0) files.push({ rows: part, csv: header + lines.join('') });
    [part, bytes, lines] = [[], 0, []];
  };
  for (const [place, row] of inJob.entries()) {
    if (place % rowsAtOnce === rowsAtOnce - 1) await setImmediate();
    const line = stringify([columns.map((name) => (name === object.markerField ? row.effectId : cellOf(row.fields[name])))]);
    if (bytes + line.length > largestFile) close();
    part.push(row);
    lines.push(line);
    bytes += Buffer.byteLength(line);
  }
  close();
  return { files, others: rows.filter((row) => !fits(row)) };
}

function fitsCell(value: FieldValue): boolean {
  if (typeof value === 'string') return value.length <= longestCell && value !== '#N/A' && !value.includes('\r');
  return value === null || typeof value === 'boolean';
}

/** `#N/A` empties a field ("Valid CSV Record Rows"); an empty cell says nothing of it, so that it takes its default. */
function cellOf(value: FieldValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : '#N/A';
}
