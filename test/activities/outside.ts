import { addFault, clearFaults } from '../../scripts/dev/faults.ts';
import { erpTable, inLegacy } from '../support/arena/people.ts';
import { smallWaves } from '../support/small-plan.ts';
import type { Bench } from './bench.ts';

/** The target refuses every call with this text in it, until null. */
export function refuse({ business }: Bench, bodyIncludes: string | null): Promise<void> {
  const { erp } = business.faults;
  if (bodyIncludes === null) return clearFaults(erp);
  return addFault(erp, { match: { bodyIncludes }, action: 'reject', status: 200, body: '{"error":["UserError",["Not today.","",null]]}' });
}

/** The book of record of each account that has one. */
export async function books({ ledger, ref }: Bench): Promise<Readonly<Record<string, string>>> {
  const { scope } = await ledger.runs.get(ref.run);
  return Object.fromEntries((await ledger.waves.books(scope ?? '')).map(({ account, book }) => [account, book]));
}

/** What a legacy user comes to who corrects a telephone number. */
export function worksOn({ business }: Bench, account: string): Promise<'works' | 'is refused'> {
  return inLegacy(business, 'app', `update customers set phone = phone where customer_id = '${account}'`).then(
    () => 'works',
    () => 'is refused',
  );
}

/** Which customers of a wave stand in the target, by its own table. */
export async function customersOf({ business }: Bench, wave: keyof typeof smallWaves): Promise<readonly string[]> {
  const codes = (await erpTable(business, 'party.party')).map(({ code }) => String(code));
  const own: readonly string[] = smallWaves[wave];
  return codes.filter((code) => own.includes(code)).sort();
}
