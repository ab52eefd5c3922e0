import type { Driver } from '../../support/arena/driver.ts';
import { crmTable, erpTable, inLegacy } from '../../support/arena/people.ts';
import { smallAccounts } from '../../support/small-plan.ts';
import type { Picture } from './judged.ts';

/** Reads the systems' own tables, and asks legacy as its users do whether it takes a change of each account. */
export async function pictureOf({ business }: Driver): Promise<Picture> {
  const pointers = await crmTable(business, 'Account');
  const accounts = await Promise.all(
    smallAccounts.map(async (account) => {
      const [row] = await inLegacy(business, 'admin', `select phone from customers where customer_id = '${account}'`);
      return {
        account,
        isOpen: await takesChange(business, account),
        phone: String(row?.['phone']),
        pointers: pointers.filter(({ AccountNumber }) => AccountNumber === account).map((found) => found['BookOfRecord__c']),
      };
    }),
  );
  const orders = await inLegacy(
    business,
    'admin',
    `select order_id::text as id, customer_id as account, (select count(*)::int from order_details d where d.order_id = o.order_id) + (freight > 0)::int as lines from orders o where shipped_date is null and customer_id in (${smallAccounts.map((one) => `'${one}'`).join(', ')})`,
  );
  return {
    accounts,
    orders: orders.map(({ id, account, lines }) => ({ id: String(id), account: String(account), lines: Number(lines) })),
    products: await erpTable(business, 'product.product'),
    parties: await erpTable(business, 'party.party'),
    sales: await erpTable(business, 'sale.sale'),
  };
}

/** A refusal for another reason than the move is a fault of the seed, not an answer. */
async function takesChange(business: Driver['business'], account: string): Promise<boolean> {
  try {
    await inLegacy(business, 'app', `update customers set phone = phone where customer_id = '${account}'`);
    return true;
  } catch (error) {
    if (/moved to the new system|is closed for changes/.test(String(error))) return false;
    throw error;
  }
}
