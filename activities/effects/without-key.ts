import { matchesAtMost, type ObjectCapability, type TargetPort, type TargetRecord } from '../../contracts/adapter.ts';
import { pickFields, unmetFields } from '../../domain/effects/fields.ts';
import type { OpenCall } from '../../ledger/calls.ts';
import { keyText } from './proof.ts';

/** Whether a record can be looked for by its key: a create needs none where the target asks for none. */
export function hasKey({ effect }: Pick<OpenCall, 'effect'>, { keyField }: ObjectCapability): boolean {
  return keyText(effect.fields, keyField).trim() !== '';
}

/** What a target has that may be the record of a create without a key. */
export interface Lookalikes {
  readonly records: readonly TargetRecord[];
  /** There are no others: what is not among them is not there. */
  readonly isAll: boolean;
}

/** For each of these creates, which have no key, the records that look alike: those that hold what the target requires of every record. */
export async function lookalikes(port: TargetPort, calls: readonly OpenCall[]): Promise<readonly Lookalikes[]> {
  const object = calls[0]?.effect.targetObject;
  if (object === undefined) return [];
  const required = (await port.describe(object)).filter((field) => field.required).map(({ name }) => name);
  const criteria = calls.map(({ effect }) => pickFields(effect.fields, required));
  const found = await port.findByFields(object, criteria);
  return found.map((records) => ({ records, isAll: required.length > 0 && records.length < matchesAtMost }));
}

/** Whether a record still holds all that a create sent. */
export function holdsAll({ effect }: OpenCall, record: TargetRecord, nature: ObjectCapability): boolean {
  return unmetFields(effect.fields, record.fields, nature).length === 0;
}
