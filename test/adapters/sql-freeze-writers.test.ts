import { describe, expect } from 'vitest';
import type { Client } from 'pg';
import { installedLegacy, legacyPlan, fence, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres(installedLegacy);
const write = (client: Client, account: string): Promise<unknown> =>
  client.query('update orders set freight = freight + 1 where customer_id = $1', [account]);
/** Another row of ERNSH, so that only the freeze can stand in its way and not a colleague's lock on the same row. */
const writeOther = (client: Client): Promise<unknown> => client.query('update orders set freight = freight + 1 where order_id = 11072');
const frozen = { code: 'ZC001' };
const settled = async (promise: Promise<unknown>, withinMs: number): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) =>
      setTimeout(() => {
        resolve(false);
      }, withinMs),
    ),
  ]);

describe('a freeze among writers', () => {
  test('waits for a writer that came first, lets it finish, and refuses those who come after', async ({ port, writer, appUser }) => {
    await writer.query('begin');
    await writer.query('update orders set freight = freight + 1 where order_id = 11008');
    const freezing = port.freeze(order());
    expect(await settled(freezing, 300)).toBe(false);
    const late = await appUser();
    await expect(writeOther(late)).rejects.toMatchObject(frozen);
    await writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`);
    expect(await settled(freezing, 100)).toBe(false);
    await writer.query('commit');
    await freezing;
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
  });

  test('waits for the first writer an account ever has', async ({ port, owner, writer }) => {
    await owner.query(`delete from cutover.account`);
    await writer.query('begin');
    await writer.query(`insert into customers (customer_id, company_name, terms_code) values ('NEWCO', 'New', 'NET30')`);
    const freezing = port.freeze(order({ accounts: ['NEWCO'] }));
    expect(await settled(freezing, 300)).toBe(false);
    await writer.query('commit');
    await freezing;
    await expect(writer.query(`update customers set phone = '1' where customer_id = 'NEWCO'`)).rejects.toMatchObject(frozen);
  });

  test.each([['repeatable read'], ['serializable']])(
    'refuses a %s writer whose snapshot is older than the freeze',
    async ({ port, writer }, level) => {
      await writer.query(`begin isolation level ${level}`);
      await writer.query('select count(*) from orders');
      await port.freeze(order());
      await expect(write(writer, 'ERNSH')).rejects.toMatchObject({ code: '40001' });
      await writer.query('rollback');
      await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
    },
  );

  test('gives up with kind locked when a writer stays open, keeps newcomers out, and can be repeated', async ({
    port,
    writer,
    appUser,
    open,
  }) => {
    const impatient = open(legacyPlan, 1_500);
    await writer.query('begin');
    await writer.query('update orders set freight = freight + 1 where order_id = 11008');
    await expect(impatient.freeze(order())).rejects.toMatchObject({ kind: 'locked' });
    await expect(writeOther(await appUser())).rejects.toMatchObject(frozen);
    await writer.query('commit');
    await port.freeze(order());
    await port.seal(['ERNSH'], fence());
  });

  test('cannot be sealed before its open writers were waited for', async ({ port, writer, open }) => {
    const impatient = open(legacyPlan, 1_500);
    await writer.query('begin');
    await write(writer, 'ERNSH');
    await expect(impatient.freeze(order())).rejects.toMatchObject({ kind: 'locked' });
    await writer.query('commit');
    await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('keeps no writer waiting for another, and waits for a line entered for an order that is just changing its customer', async ({
    port,
    writer,
    appUser,
  }) => {
    await writer.query('begin');
    await writer.query(`update orders set customer_id = 'ERNSH' where order_id = 11077`);
    const clerk = await appUser();
    await clerk.query('begin');
    await clerk.query('insert into order_details values (11077, 50, 1, 1, 0)');
    const freezing = port.freeze(order());
    expect(await settled(freezing, 200)).toBe(false);
    await writer.query('commit');
    expect(await settled(freezing, 200)).toBe(false);
    await clerk.query('commit');
    await freezing;
  });

  test('waits for a line that began after it, for an order that one who came before is still moving to the account', async ({
    port,
    writer,
    appUser,
  }) => {
    await writer.query('begin');
    await writer.query(`update orders set customer_id = 'ERNSH' where order_id = 11077`);
    const freezing = port.freeze(order());
    expect(await settled(freezing, 200)).toBe(false);
    const clerk = await appUser();
    await clerk.query('begin');
    await clerk.query('insert into order_details values (11077, 50, 1, 1, 0)');
    await writer.query('commit');
    expect(await settled(freezing, 300)).toBe(false);
    await clerk.query('commit');
    await freezing;
    await expect(clerk.query('insert into order_details values (11077, 51, 1, 1, 0)')).rejects.toMatchObject(frozen);
  });

  test('does not return while an order on its way to the account has a line that is still being entered', async ({
    port,
    writer,
    appUser,
  }) => {
    const clerk = await appUser();
    await clerk.query('begin');
    await clerk.query('insert into order_details values (11077, 50, 1, 1, 0)');
    await writer.query(`update orders set customer_id = 'ERNSH' where order_id = 11077`);
    const freezing = port.freeze(order());
    expect(await settled(freezing, 200)).toBe(false);
    await clerk.query('commit');
    await freezing;
  });

  test('waits for an open TRUNCATE', async ({ port, owner }) => {
    await owner.query('begin');
    await owner.query('truncate order_details');
    const freezing = port.freeze(order());
    expect(await settled(freezing, 300)).toBe(false);
    await owner.query('rollback');
    await freezing;
  });

  test('holds against many writers at once: nothing is committed after it returned', async ({ port, owner, appUser }) => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => appUser()));
    const count = async (account: string): Promise<number> =>
      Number((await owner.query<{ count: string }>('select count(*) from orders where customer_id = $1', [account])).rows[0]?.count);
    const moreThan = async (account: string, orders: number): Promise<void> => {
      while ((await count(account)) <= orders) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const before = await count('ERNSH');
    const run = { over: false, next: 20_000 };
    const work = clients.map(async (client, index) => {
      while (!run.over) {
        run.next += 1;
        await client
          .query(`insert into orders (order_id, customer_id, employee_id, order_date, freight) values ($1, $2, 1, now(), 0)`, [
            run.next,
            index % 2 === 0 ? 'ERNSH' : 'RATTC',
          ])
          .catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    try {
      await moreThan('ERNSH', before);
      await port.freeze(order());
      const [closed, open] = [await count('ERNSH'), await count('RATTC')];
      await moreThan('RATTC', open + 6);
      expect(await count('ERNSH')).toBe(closed);
    } finally {
      run.over = true;
      await Promise.all(work);
    }
  });
});
