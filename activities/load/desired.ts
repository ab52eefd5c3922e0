import type { Fields } from '../../contracts/fields.ts';
import { recordText } from '../../domain/exceptions/key-text.ts';
import type { ExceptionKind } from '../../domain/exceptions/kind.ts';
import type { ObjectPlan } from '../../domain/plan/mapping.ts';
import type { NewException } from '../../ledger/exceptions.ts';
import type { StagedRecord } from '../../ledger/records.ts';
import type { Context } from '../deps.ts';
import { contentHash } from '../../records/canonical.ts';
import { mapFields, type Resolve } from '../../records/mapping.ts';
import { emptyFields } from '../../records/required.ts';

/** What the mapping makes of a record, or the exception that says why it makes nothing. */
export type Desired =
  | { readonly fields: Fields; readonly hash: string; readonly problem: null }
  | { readonly fields: null; readonly hash: null; readonly problem: NewException };

/** Accounts that may not be loaded now, each with the reason: nobody can tell which record of the target one of theirs is. */
export type BlockedAccounts = ReadonlyMap<string, string>;

/** What the mapping of an object's records rests on, beside the records. */
export interface Making {
  readonly resolve: Resolve;
  readonly blocked: BlockedAccounts;
  /** Fields that the target requires of a record of ours; none where the plan only matches. */
  readonly required: readonly string[];
}

/** Fields that the target requires of the records which the plan writes there. */
export async function requiredFields({ sys }: Pick<Context, 'sys'>, { mode, target }: ObjectPlan): Promise<readonly string[]> {
  if (mode === 'match') return [];
  return (await sys.target(target.system).describe(target.object)).filter(({ required }) => required).map(({ name }) => name);
}

/** Maps one staged record; a missing reference, a value that cannot be mapped or is required and empty, or a blocked account is an exception and no record. */
export function desiredOf(object: ObjectPlan, record: StagedRecord, { resolve, blocked, required }: Making): Desired {
  const refuse = (kind: ExceptionKind, message: string): Desired => ({
    fields: null,
    hash: null,
    problem: { object: record.object, sourceId: record.sourceId, account: record.account, kind, message },
  });
  const reason = record.account === null ? undefined : blocked.get(record.account);
  if (reason !== undefined && !reason.startsWith(`${record.object} `))
    return refuse('accountInException', `Its account stays in legacy: ${reason}.`);
  const { fields, missing, problems } = mapFields(object.fields, record.payload, resolve);
  if (problems.length > 0) return refuse('invalid', problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
  const empty = emptyFields(required, fields).filter((field) => missing.length === 0 || fields[field] !== null);
  if (empty.length > 0) return refuse('invalid', empty.map((field) => `${field} is empty, and the target requires it`).join('; '));
  if (missing.length > 0)
    return refuse(
      'missingReference',
      `Waits for ${missing.map(({ object: name, key }) => recordText({ object: name, sourceId: key })).join(', ')}, which is not in the target.`,
    );
  return { fields, hash: contentHash(fields), problem: null };
}
