import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { inLegacy } from '../support/arena/people.ts';
import { startBench, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
  await inLegacy(bench.business, 'admin', 'alter table orders drop constraint orders_customer_id_fkey');
  await inLegacy(bench.business, 'admin', 'alter table customers drop constraint customers_terms_code_fkey');
});
afterAll(() => bench.stop());

/** What the business looked like before each of these. */
let mended: readonly string[] = [];
afterEach(async () => {
  for (const sql of mended) await inLegacy(bench.business, 'admin', sql);
});

/** Preflight over the legacy system with this in it. */
async function problemsWith(dirt: string, mend: string): Promise<readonly string[]> {
  mended = [mend];
  await inLegacy(bench.business, 'admin', dirt);
  return bench.act.preflight(bench.ref);
}

const like = (number: string): string =>
  `insert into customers (customer_id, company_name, contact_name, phone, address, city, postal_code, country, terms_code)
   select ${number}, 'Blank and Sons', 'Ann', '555-1', 'Row 1', 'Seattle', '98101', 'USA', 'NET30'`;

test('a customer number with blanks around it is named before anything is loaded: the record, the column, the tables, and what to do', async () => {
  const problems = await problemsWith(like(`'90001 '`), `delete from customers where company_name like 'Blank%'`);
  expect(problems).toContainEqual(
    expect.stringMatching(
      /^customer "90001 ": erp: code has blanks around it, .*as: trimmed.* \(column customer_id of query customers, tables customers, orders\)$/,
    ),
  );
  expect(problems).toContainEqual(expect.stringMatching(/^accounts of the legacy system are in no wave: "90001 ";/));
});

test('characters that nobody sees are written out where they tell two names apart', async () => {
  const problems = await problemsWith(like(`'ALFKI' || chr(8203)`), `delete from customers where company_name like 'Blank%'`);
  expect(problems).toContainEqual(
    expect.stringMatching(
      /^customer "ALFKI\\u200b": differs from ALFKI by blanks or invisible characters alone \(column key of query customers, .*; make them one record, /,
    ),
  );
});

test('a reference that would be found but for the blanks around it is named, with the record it means', async () => {
  const problems = await problemsWith(
    `update customers set terms_code = 'NET30 ' where customer_id = 'ERNSH'`,
    `update customers set terms_code = 'NET30' where customer_id = 'ERNSH'`,
  );
  expect(problems).toEqual([
    expect.stringMatching(
      /^order 11008, 11072: "NET30 " is no terms, and differs from NET30 by blanks or invisible characters alone \(column terms_code of query openOrders, /,
    ),
  ]);
});

test('a key that is referred to without its blanks is named, too', async () => {
  const problems = await problemsWith(
    `update terms_codes set code = 'NET30 ' where code = 'NET30'`,
    `update terms_codes set code = 'NET30' where code = 'NET30 '`,
  );
  expect(problems).toContainEqual(
    expect.stringMatching(/^order .*: NET30 is no terms, and differs from "NET30 " by blanks or invisible characters alone/),
  );
});

test('an order of an account that is none but for the blanks around it is named', async () => {
  const problems = await problemsWith(
    `update orders set customer_id = 'ERNSH ' where order_id = 10258`,
    `update orders set customer_id = 'ERNSH' where order_id = 10258`,
  );
  expect(problems).toContainEqual(
    expect.stringMatching(
      /^"ERNSH " is no account, and differs from ERNSH by blanks or invisible characters alone \(column account of query shippedOrders, tables orders, order_details\); make/,
    ),
  );
});

test('what the mapping trims is no problem, whatever stands around it', async () => {
  expect(
    await problemsWith(
      `update customers set phone = E' \\t555-1' || chr(160) || chr(133) || chr(31) where customer_id = 'ERNSH'`,
      `update customers set phone = '555-1' where customer_id = 'ERNSH'`,
    ),
  ).toEqual([]);
});
