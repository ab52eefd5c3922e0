import type { WaveRef } from '../../contracts/messages.ts';
import { kindsThat } from '../../domain/exceptions/kind.ts';
import type { Context } from '../deps.ts';

/**
 * Of these source keys of an object those whose record something else in the target still needs: a document that remains, business entered since the switch.
 * Objects loaded later are undone first, so that what they leave behind is known here. A person's edit of the record itself is no use of it.
 */
export async function accountsInUse(context: Context, ref: WaveRef, name: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const { objects, pointer } = context.sys.plan;
  if (name !== pointer.to) return new Set();
  const own = objects.find((object) => object.name === name)?.target.object;
  const later = new Set(objects.slice(objects.findIndex((object) => object.name === name) + 1).map((object) => object.name));
  const standing = kindsThat('standsInTarget');
  const open = await context.ledger.exceptions.openOf(ref.run, ref.wave, standing);
  const accounts = new Set(
    open.filter((row) => later.has(row.object) || (row.kind === 'newBusiness' && row.object !== own)).flatMap((row) => row.account ?? []),
  );
  const accountOf = await context.ledger.records.accountsOf(context.scope, name, keys);
  return new Set(keys.filter((key) => accounts.has(accountOf.get(key) ?? '')));
}
