import type { ObjectCapability, TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import { pickFields, unmetFields } from '../../domain/effects/fields.ts';
import { keyText } from '../effects/proof.ts';

/** What tells whether a record that has our key is another one. */
export type KeyNature = Pick<ObjectCapability, 'keyField' | 'keyIsUnique' | 'owner'>;

/**
 * The name of the field by which a record with our key belongs to somebody else than ours; null where it may be ours. Where the target takes a key
 * twice, it says little: people write numbers of their own into a reference. A record that was found by other fields is not judged here.
 */
export function strangeBy({ keyField, keyIsUnique, owner }: KeyNature, desired: Fields, { fields }: TargetRecord): string | null {
  if (keyIsUnique || owner === null || keyText(fields, keyField).trim() !== keyText(desired, keyField).trim()) return null;
  return owner in desired && unmetFields(pickFields(desired, [owner]), fields).length === 0 ? null : owner;
}
