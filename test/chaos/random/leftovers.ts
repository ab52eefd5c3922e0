import { returnedComment } from '../../support/arena/people.ts';
import type { Entered, Picture } from './judged.ts';

/** The product that finance had set up before the run. */
const keyedByFinance = 'FREIGHT';

/**
 * What stands in the target and should not: a product twice; of an account that is in legacy, a record that nobody touched, that is not marked as
 * returned, and that no document which had to stay needs.
 */
export function leftovers(picture: Picture, entered: Entered, end: 'closed' | 'rolledBack'): readonly string[] {
  const inLegacy = picture.accounts.filter(({ account, isOpen }) => isOpen && !entered.touched.has(account));
  return [
    ...doubledProducts(picture),
    ...inLegacy.flatMap(({ account }) => leftOf(picture, account)),
    ...(end === 'rolledBack' && picture.sales.length === 0 ? unusedProducts(picture) : []),
  ];
}

function doubledProducts({ products }: Picture): readonly string[] {
  const codes = products.map(({ code }) => String(code));
  return [...new Set(codes.filter((code, index) => codes.indexOf(code) !== index))].map(
    (code) => `product ${code} is there more than once`,
  );
}

function leftOf({ orders, parties, sales }: Picture, account: string): readonly string[] {
  const own = new Set(orders.filter((order) => order.account === account).map(({ id }) => id));
  const left = sales.filter(({ reference }) => own.has(String(reference)));
  const unmarked = left.filter(({ comment }) => comment !== returnedComment);
  const isUnused = left.length === 0 && parties.some(({ code }) => code === account);
  return [
    ...unmarked.map(({ reference, state }) => `order ${String(reference)} is open in legacy and stands in the target as ${String(state)}`),
    ...(isUnused ? [`account ${account} is in legacy, and its party is still in the target though nothing needs it`] : []),
  ];
}

function unusedProducts({ products }: Picture): readonly string[] {
  const left = products.map(({ code }) => String(code)).filter((code) => code !== keyedByFinance);
  return left.length === 0 ? [] : [`products are still in the target though nothing needs them: ${left.join(', ')}`];
}
