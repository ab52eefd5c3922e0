import type { TargetRecord } from '../../contracts/adapter.ts';
import type { Fields } from '../../contracts/fields.ts';
import type { SalesforceSystem } from '../../domain/plan/systems.ts';
import type { Context } from '../deps.ts';

/** The CRM's pointer to the book of record of each account: one text field `system:id`, and the customer number beside it. */
export interface Pointer {
  /** What the switch must still write to a CRM account: the pointer, and the number where the account has none; null when nothing. */
  toWrite(key: string, target: TargetRecord): Fields | null;
  /** Names of what disagrees with the ledger: after the switch pointer and number must say it, before it the pointer must not. */
  differences(key: string, account: string | null, target: TargetRecord | null): readonly string[];
}

/** The pointer as the plan declares it, with the target records it may name for these keys. `switched`: accounts whose book is the target. */
export async function pointerOf(context: Context, keys: readonly string[], switched: ReadonlySet<string>): Promise<Pointer> {
  const { plan } = context.sys;
  const crm = plan.systems[plan.roles.crm];
  if (crm?.adapter !== 'salesforce') throw new Error(`${plan.roles.crm} has no pointer field; only a Salesforce system can be the CRM`);
  const { pointerField, keyField }: SalesforceSystem = crm;
  const named = new Map(
    (await context.ledger.crosswalk.bySource(context.scope, plan.pointer.to, keys))
      .filter((row) => row.state === 'live')
      .map((row) => [row.sourceId, `${plan.roles.target}:${row.targetId}`]),
  );
  return {
    toWrite: (key, target) => {
      const value = named.get(key);
      if (value === undefined) return null;
      const pointer = target.fields[pointerField] === value ? {} : { [pointerField]: value };
      const number = target.fields[keyField] == null ? { [keyField]: key } : {};
      const fields = { ...pointer, ...number };
      return Object.keys(fields).length === 0 ? null : fields;
    },
    differences: (key, account, target) => {
      const isSwitched = account !== null && switched.has(account);
      const number = target?.fields[keyField] ?? null;
      const isTarget = target?.fields[pointerField] === (named.get(key) ?? '-');
      return [...(isTarget === isSwitched ? [] : ['pointer']), ...(number === key || (number === null && !isSwitched) ? [] : [keyField])];
    },
  };
}
