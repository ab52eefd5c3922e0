import type { TargetChange, TargetRecord } from '../../contracts/adapter.ts';
import type { Domain, Reader } from './caller.ts';
import type { TrytonObject } from './object.ts';
import type { Json } from './values.ts';
import { instantTag } from './values.ts';

/** Rows of one page of the change feed. */
const pageSize = 500;

/** Records of one object that another user made or changed since an instant of Tryton's clock, in the order of their ids. */
export async function* changesOf(
  reader: Reader,
  name: string,
  object: TrytonObject,
  since: string,
): AsyncGenerator<readonly TargetChange[]> {
  const changed = changedDomain(object, since, reader.userId);
  let after = 0;
  for (;;) {
    // Found apart from reading them, because a search that shows inactive records shows their inactive parts as well.
    const ids = await reader.ids(object.model, [...changed, ['id', '>', after]], pageSize);
    const last = ids.at(-1);
    if (last === undefined) return;
    const rows = await reader.search(object.model, [['id', 'in', ids], ...object.always], object.reads);
    const sorted = [...rows].sort((one, other) => Number(one['id']) - Number(other['id']));
    yield sorted.map((row) => changeOf(name, object, object.toRecord(row, reader.userId), since));
    if (ids.length < pageSize) return;
    after = last;
  }
}

/** Of these records the ids of those that another user made or changed since an instant of Tryton's clock. */
export async function touchedAmong(
  reader: Reader,
  object: TrytonObject,
  ids: readonly number[],
  since: string,
): Promise<readonly number[]> {
  const among: Json = ['id', 'in', ids];
  return reader.ids(object.model, [...changedDomain(object, since, reader.userId), among], ids.length);
}

function changeOf(name: string, { capability }: TrytonObject, record: TargetRecord, since: string): TargetChange {
  const made = !record.createdByUs && Date.parse(record.createdAt ?? '') >= Date.parse(since);
  const owner = capability.owner === null ? null : record.fields[capability.owner];
  return { ...record, object: name, change: made ? 'created' : 'changed', owner: typeof owner === 'string' ? owner : null };
}

/** Made or changed by another user: the record itself, or one of its parts, whose changes need not touch the record. */
function changedDomain({ parts }: TrytonObject, since: string, userId: number): Domain {
  const touched = (['create', 'write'] as const).map((act): Json => [
    [`${act}_date`, '>=', instantTag(since)],
    [`${act}_uid`, '!=', userId],
  ]);
  return [['OR', ...touched, ...parts.map((path): Json => [path, 'where', ['OR', ...touched]])]];
}
