import type { TargetChange } from '../../contracts/adapter.ts';
import type { Domain, Reader } from './caller.ts';
import type { TrytonObject } from './object.ts';
import type { Json } from './values.ts';
import { idText, instantTag } from './values.ts';

/** Rows of one page of the change feed. */
const pageSize = 500;

/** Records of one object that another user made or changed since an instant of Tryton's clock, in the order of their ids. */
export async function* changesOf(
  reader: Reader,
  name: string,
  object: TrytonObject,
  since: string,
): AsyncGenerator<readonly TargetChange[]> {
  const domain = changedDomain(object, since, reader.userId);
  let after = 0;
  for (;;) {
    const rows = await reader.search(object.model, [...domain, ['id', '>', after]], object.reads, {
      limit: pageSize,
      order: [['id', 'ASC']],
    });
    if (rows.length > 0)
      yield rows.map((row): TargetChange => {
        const record = object.toRecord(row, reader.userId);
        const { owner } = object.capability;
        const made = !record.createdByUs && Date.parse(record.createdAt ?? '') >= Date.parse(since);
        const of = owner === null ? null : record.fields[owner];
        return { ...record, object: name, change: made ? 'created' : 'changed', owner: typeof of === 'string' ? of : null };
      });
    if (rows.length < pageSize) return;
    after = Number(idText(rows.at(-1)?.['id']));
  }
}

/** Made or changed by another user: the record itself, or one of its parts, whose changes need not touch the record. */
function changedDomain({ always, parts }: TrytonObject, since: string, userId: number): Domain {
  const touched = (activity: Domain): readonly Json[] =>
    (['create', 'write'] as const).map((act): Json => [
      [`${act}_date`, '>=', instantTag(since)],
      [`${act}_uid`, '!=', userId],
      ...activity,
    ]);
  const alternatives: readonly Json[] = [
    ...touched(always),
    ...Object.entries(parts).map(([path, activity]): Json => [[path, 'where', either(touched(activity), activity)], ...always]),
  ];
  return [either(alternatives, always)];
}

/** One of the domains; where records can be inactive, with a clause that no record satisfies, for the reason `oneOf` names. */
function either(domains: readonly Json[], activity: Domain): Json {
  return ['OR', ...domains, ...(activity.length === 0 ? [] : [['active', 'in', []]])];
}
