import { describe, expect } from 'vitest';
import type { Client } from 'pg';
import { installedLegacy, fence, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres(installedLegacy);
const write = (client: Client, account: string): Promise<unknown> =>
  client.query('update orders set freight = freight + 1 where customer_id = $1', [account]);
const frozen = { code: 'ZC001' };

describe('a frozen account', () => {
  test('refuses its rows in every table and tells the user why, until when and whom to call', async ({ port, owner, writer }) => {
    await port.freeze(order());
    await owner.query(`update cutover.freeze set lease_until = '2099-01-02T03:04:05Z'`);
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject({
      ...frozen,
      message:
        'Account ERNSH is closed for changes (change of ERP), until 2099-01-02 03:04:05 UTC at the latest. Questions: the help desk, ext. 100.',
    });
    for (const statement of [
      `update customers set phone = '1' where customer_id = 'ERNSH'`,
      `insert into orders (order_id, customer_id, employee_id, order_date, freight) values (1, 'ERNSH', 1, now(), 0)`,
      `insert into order_details values (11072, 1, 1, 1, 0)`,
      `update order_details set quantity = 1 where order_id = 11072`,
      `delete from order_details where order_id = 11072`,
      `update orders set customer_id = 'ERNSH' where order_id = 11077`,
      `update orders set customer_id = 'RATTC' where order_id = 11072`,
      `update order_details set order_id = 11072 where order_id = 11077 and product_id = 10`,
    ])
      await expect(writer.query(statement)).rejects.toMatchObject(frozen);
  });

  test('leaves every other account and the shared tables at work', async ({ port, writer }) => {
    await port.freeze(order());
    await write(writer, 'RATTC');
    await writer.query(`update products set unit_price = unit_price + 1 where product_id = 1`);
    await writer.query(`insert into orders (order_id, customer_id, employee_id, order_date, freight) values (1, 'SIMOB', 1, now(), 0)`);
  });

  test('cannot be got round by TRUNCATE, which works again after the thaw', async ({ port, owner }) => {
    await port.freeze(order());
    await expect(owner.query('truncate order_details')).rejects.toMatchObject(frozen);
    await port.thaw(['ERNSH'], fence());
    await owner.query('truncate order_details');
    expect(
      (await port.changesSince('0')).filter((change) => change.table === 'order_details' && change.operation === 'delete').length,
    ).toBeGreaterThan(100);
  });

  test('lets the runner through and marks its changes as ours', async ({ port, owner }) => {
    await owner.query('grant update on customers to cutover_runner');
    await owner.query(`set session authorization cutover_runner`);
    await port.freeze(order());
    const mark = await port.watermark();
    await owner.query(`update customers set phone = '1' where customer_id = 'ERNSH'`);
    expect(await port.changesSince(mark)).toMatchObject([
      { table: 'customers', key: 'ERNSH', account: 'ERNSH', operation: 'update', ours: true },
    ]);
  });

  test('is not fooled by a user who takes on another role', async ({ port, owner, writer }) => {
    await owner.query('grant cutover_runner to legacy_app; grant update on customers to cutover_runner');
    await port.freeze(order());
    await writer.query('set role cutover_runner');
    await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject(frozen);
  });
});
