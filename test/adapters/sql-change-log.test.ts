import { describe, expect } from 'vitest';
import type { Client } from 'pg';
import { installedLegacy } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres(installedLegacy);
const write = (client: Client, account: string): Promise<unknown> =>
  client.query('update orders set freight = freight + 1 where customer_id = $1', [account]);

describe('the change log', () => {
  test('tells every change oldest first, child rows under their parent, both sides of a move', async ({ port, writer }) => {
    const mark = await port.watermark();
    await writer.query(`insert into orders (order_id, customer_id, employee_id, order_date, freight) values (1, 'RATTC', 1, now(), 0)`);
    await writer.query('insert into order_details values (1, 7, 1, 1, 0)');
    await writer.query(`update orders set customer_id = 'SIMOB' where order_id = 1`);
    await writer.query('delete from order_details where order_id = 1');
    await writer.query('delete from orders where order_id = 1');
    await writer.query('update products set reorder_level = 1 where product_id = 3');
    await writer.query(`update employees set title = 'x'`);
    const changes = await port.changesSince(mark);
    expect(changes.map(({ table, key, account, operation }) => [table, key, account, operation].join(' ')).slice(0, 2)).toEqual([
      'orders 1 RATTC insert',
      'order_details 1 RATTC insert',
    ]);
    expect(
      changes
        .slice(2, 4)
        .map((change) => change.account)
        .sort(),
    ).toEqual(['RATTC', 'SIMOB']);
    expect(changes.slice(4).map(({ table, key, account, operation }) => [table, key, account, operation])).toEqual([
      ['order_details', '1', 'SIMOB', 'delete'],
      ['orders', '1', 'SIMOB', 'delete'],
      ['products', '3', null, 'update'],
    ]);
    expect(changes.every((change) => !change.ours && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(change.at))).toBe(true);
  });

  test('misses nothing of a transaction that was open at the watermark and ended later', async ({ port, writer, appUser }) => {
    await writer.query('begin');
    await write(writer, 'RATTC');
    const other = await appUser();
    await write(other, 'SIMOB');
    const mark = await port.watermark();
    await writer.query('commit');
    expect(new Set((await port.changesSince(mark)).map((change) => change.account))).toEqual(new Set(['RATTC', 'SIMOB']));
    const next = await port.watermark();
    expect(await port.changesSince(next)).toEqual([]);
  });
});
