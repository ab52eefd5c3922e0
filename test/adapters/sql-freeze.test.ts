import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { FreezeOrder, SourcePort } from '../../contracts/source.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { fence, legacyPlan, nextOrder, startLegacy } from './sql-legacy.ts';
import type { Legacy } from './sql-legacy.ts';

let server: LocalPostgres;
let legacy: Legacy;
let port: SourcePort;
let writer: Client;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  legacy = await startLegacy(server, ['ERNSH', 'RATTC', 'SIMOB']);
  port = legacy.port;
  await port.install(nextOrder());
  writer = await legacy.appUser();
});
afterEach(() => legacy.stop());

const order = (more: Partial<FreezeOrder> = {}): FreezeOrder => ({
  accounts: ['ERNSH'],
  ...fence(),
  leaseMs: 60_000,
  reason: 'change of ERP',
  contact: 'the help desk, ext. 100',
  ...more,
});
const write = (client: Client, account: string): Promise<unknown> =>
  client.query('update orders set freight = freight + 1 where customer_id = $1', [account]);
/** Another row of ERNSH, so that only the freeze can stand in its way and not a colleague's lock on the same row. */
const writeOther = (client: Client): Promise<unknown> => client.query('update orders set freight = freight + 1 where order_id = 11072');
const frozen = { code: 'ZC001' };
const moved = { code: 'ZC002' };
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

describe('a frozen account', () => {
  test('refuses its rows in every table and tells the user why, until when and whom to call', async () => {
    await port.freeze(order());
    await (await legacy.owner()).query(`update cutover.freeze set lease_until = '2099-01-02T03:04:05Z'`);
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

  test('leaves every other account and the shared tables at work', async () => {
    await port.freeze(order());
    await write(writer, 'RATTC');
    await writer.query(`update products set unit_price = unit_price + 1 where product_id = 1`);
    await writer.query(`insert into orders (order_id, customer_id, employee_id, order_date, freight) values (1, 'SIMOB', 1, now(), 0)`);
  });

  test('cannot be got round by TRUNCATE, which works again after the thaw', async () => {
    const owner = await legacy.owner();
    await port.freeze(order());
    await expect(owner.query('truncate order_details')).rejects.toMatchObject(frozen);
    await port.thaw(['ERNSH'], fence());
    await owner.query('truncate order_details');
    expect(
      (await port.changesSince('0')).filter((change) => change.table === 'order_details' && change.operation === 'delete').length,
    ).toBeGreaterThan(100);
  });

  test('lets the runner through and marks its changes as ours', async () => {
    const owner = await legacy.owner();
    await owner.query('grant update on customers to cutover_runner');
    await owner.query(`set session authorization cutover_runner`);
    await port.freeze(order());
    const mark = await port.watermark();
    await owner.query(`update customers set phone = '1' where customer_id = 'ERNSH'`);
    expect(await port.changesSince(mark)).toMatchObject([
      { table: 'customers', key: 'ERNSH', account: 'ERNSH', operation: 'update', ours: true },
    ]);
  });

  test('is not fooled by a user who takes on another role', async () => {
    const owner = await legacy.owner();
    await owner.query('grant cutover_runner to legacy_app; grant update on customers to cutover_runner');
    await port.freeze(order());
    await writer.query('set role cutover_runner');
    await expect(writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`)).rejects.toMatchObject(frozen);
  });
});

describe('a freeze among writers', () => {
  test('waits for a writer that came first, lets it finish, and refuses those who come after', async () => {
    await writer.query('begin');
    await writer.query('update orders set freight = freight + 1 where order_id = 11008');
    const freezing = port.freeze(order());
    expect(await settled(freezing, 300)).toBe(false);
    const late = await legacy.appUser();
    await expect(writeOther(late)).rejects.toMatchObject(frozen);
    await writer.query(`update customers set phone = '1' where customer_id = 'ERNSH'`);
    expect(await settled(freezing, 100)).toBe(false);
    await writer.query('commit');
    await freezing;
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
  });

  test('waits for the first writer an account ever has', async () => {
    const owner = await legacy.owner();
    await owner.query(`delete from cutover.account`);
    await writer.query('begin');
    await writer.query(`insert into customers (customer_id, company_name, terms_code) values ('NEWCO', 'New', 'NET30')`);
    const freezing = port.freeze(order({ accounts: ['NEWCO'] }));
    expect(await settled(freezing, 300)).toBe(false);
    await writer.query('commit');
    await freezing;
    await expect(writer.query(`update customers set phone = '1' where customer_id = 'NEWCO'`)).rejects.toMatchObject(frozen);
  });

  test.each(['repeatable read', 'serializable'])('refuses a %s writer whose snapshot is older than the freeze', async (level) => {
    await writer.query(`begin isolation level ${level}`);
    await writer.query('select count(*) from orders');
    await port.freeze(order());
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject({ code: '40001' });
    await writer.query('rollback');
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
  });

  test('gives up with kind locked when a writer stays open, keeps newcomers out, and can be repeated', async () => {
    const impatient = legacy.open(legacyPlan, 400);
    await writer.query('begin');
    await writer.query('update orders set freight = freight + 1 where order_id = 11008');
    await expect(impatient.freeze(order())).rejects.toMatchObject({ kind: 'locked' });
    await expect(writeOther(await legacy.appUser())).rejects.toMatchObject(frozen);
    await writer.query('commit');
    await port.freeze(order());
    await port.seal(['ERNSH'], fence());
  });

  test('cannot be sealed before its open writers were waited for', async () => {
    const impatient = legacy.open(legacyPlan, 400);
    await writer.query('begin');
    await write(writer, 'ERNSH');
    await expect(impatient.freeze(order())).rejects.toMatchObject({ kind: 'locked' });
    await writer.query('commit');
    await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('keeps no writer waiting for another, and waits for a line entered for an order that is just changing its customer', async () => {
    await writer.query('begin');
    await writer.query(`update orders set customer_id = 'ERNSH' where order_id = 11077`);
    const clerk = await legacy.appUser();
    await clerk.query('begin');
    await clerk.query('insert into order_details values (11077, 50, 1, 1, 0)');
    const freezing = port.freeze(order());
    expect(await settled(freezing, 200)).toBe(false);
    await writer.query('commit');
    expect(await settled(freezing, 200)).toBe(false);
    await clerk.query('commit');
    await freezing;
  });

  test('waits for a line that began after it, for an order that one who came before is still moving to the account', async () => {
    await writer.query('begin');
    await writer.query(`update orders set customer_id = 'ERNSH' where order_id = 11077`);
    const freezing = port.freeze(order());
    expect(await settled(freezing, 200)).toBe(false);
    const clerk = await legacy.appUser();
    await clerk.query('begin');
    await clerk.query('insert into order_details values (11077, 50, 1, 1, 0)');
    await writer.query('commit');
    expect(await settled(freezing, 300)).toBe(false);
    await clerk.query('commit');
    await freezing;
    await expect(clerk.query('insert into order_details values (11077, 51, 1, 1, 0)')).rejects.toMatchObject(frozen);
  });

  test('does not return while an order on its way to the account has a line that is still being entered', async () => {
    const clerk = await legacy.appUser();
    await clerk.query('begin');
    await clerk.query('insert into order_details values (11077, 50, 1, 1, 0)');
    await writer.query(`update orders set customer_id = 'ERNSH' where order_id = 11077`);
    const freezing = port.freeze(order());
    expect(await settled(freezing, 200)).toBe(false);
    await clerk.query('commit');
    await freezing;
  });

  test('waits for an open TRUNCATE', async () => {
    const owner = await legacy.owner();
    await owner.query('begin');
    await owner.query('truncate order_details');
    const freezing = port.freeze(order());
    expect(await settled(freezing, 300)).toBe(false);
    await owner.query('rollback');
    await freezing;
  });

  test('holds against many writers at once: nothing is committed after it returned', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => legacy.appUser()));
    const owner = await legacy.owner();
    const count = async (account: string): Promise<number> =>
      Number((await owner.query<{ count: string }>('select count(*) from orders where customer_id = $1', [account])).rows[0]?.count);
    const before = { closed: await count('ERNSH'), open: await count('RATTC') };
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
      await new Promise((resolve) => setTimeout(resolve, 200));
      await port.freeze(order());
      const after = { closed: await count('ERNSH'), open: await count('RATTC') };
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await count('ERNSH')).toBe(after.closed);
      expect(after.closed).toBeGreaterThan(before.closed);
      expect(await count('RATTC')).toBeGreaterThan(after.open);
    } finally {
      run.over = true;
      await Promise.all(work);
    }
  });
});

describe('lease, seal and thaw', () => {
  test('a lease ends by itself, and then nothing of its generation may be prolonged, sealed or frozen again', async () => {
    await port.freeze(order({ leaseMs: 1_500 }));
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
    expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ generation: 1, sealed: false, holds: true }]);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    await write(writer, 'ERNSH');
    expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ holds: false }]);
    expect(await port.extend(fence(), 60_000)).toBe(false);
    await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({ kind: 'conflict' });
    await expect(port.freeze(order())).rejects.toMatchObject({ kind: 'conflict' });
    await write(writer, 'ERNSH');
    await port.freeze(order({ generation: 2 }));
    await expect(port.freeze(order({ generation: 1 }))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({ kind: 'conflict' });
    await port.seal(['ERNSH'], fence('pilot', 2));
  });

  test('a lease that still holds is prolonged for all its accounts, and for none when one has lapsed', async () => {
    await port.freeze(order({ accounts: ['ERNSH', 'SIMOB'], leaseMs: 2_000 }));
    const ends = async (): Promise<readonly number[]> =>
      (await port.freezeStates(['ERNSH', 'SIMOB'])).map((state) => Date.parse(state.leaseUntil) - Date.now());
    expect(await port.extend(fence(), 90_000)).toBe(true);
    for (const left of await ends()) expect(left).toBeGreaterThan(80_000);
    expect(await port.extend(fence('pilot', 7), 90_000)).toBe(false);
    const owner = await legacy.owner();
    await owner.query(`update cutover.freeze set lease_until = clock_timestamp() where account = 'SIMOB'`);
    expect(await port.extend(fence(), 120_000)).toBe(false);
    expect((await ends())[0]).toBeLessThan(91_000);
  });

  test('a prolonged lease binds a writer whose snapshot still shows the old end', async () => {
    await port.freeze(order({ leaseMs: 400 }));
    await writer.query('begin isolation level repeatable read');
    await writer.query('select count(*) from orders');
    expect(await port.extend(fence(), 60_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject({ code: '40001' });
  });

  test('a sealed account is closed for good, past the end of its lease, until its wave is thawed', async () => {
    await port.freeze(order({ leaseMs: 400 }));
    await port.seal(['ERNSH'], fence());
    await port.seal(['ERNSH'], fence());
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject({
      ...moved,
      message:
        'Account ERNSH has moved to the new system for good (change of ERP). Enter this change there. Questions: the help desk, ext. 100.',
    });
    expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ sealed: true, holds: true }]);
    await expect(port.uninstall(nextOrder())).rejects.toMatchObject({ kind: 'conflict' });
    await port.thaw(['ERNSH'], fence());
    await port.thaw(['ERNSH'], fence());
    await write(writer, 'ERNSH');
  });

  test('freezes are counted by wave: a thaw lifts only its own', async () => {
    await port.freeze(order());
    await port.freeze(order({ wave: 'east' }));
    await port.thaw(['ERNSH'], fence());
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
    await port.thaw(['ERNSH'], fence('east'));
    await write(writer, 'ERNSH');
  });

  test('a repeated order changes nothing, not even a shorter or longer lease', async () => {
    await port.freeze(order());
    const before = await port.freezeStates(['ERNSH']);
    await port.freeze(order({ leaseMs: 600_000 }));
    expect(await port.freezeStates(['ERNSH'])).toEqual(before);
  });

  test('a freeze whose triggers were switched off does not hold and cannot become a seal', async () => {
    await port.freeze(order());
    const owner = await legacy.owner();
    await owner.query('alter table orders disable trigger user');
    await write(writer, 'ERNSH');
    expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ holds: false }]);
    await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('zz_cutover_guard on table orders is switched off'),
    });
  });

  test('what the runner installed is all gone after uninstall, and a second one changes nothing', async () => {
    const owner = await legacy.owner();
    const left = async (): Promise<unknown> =>
      (
        await owner.query(
          `select (select count(*) from pg_trigger where tgname like '%cutover%') as triggers, (select count(*) from pg_namespace where nspname = 'cutover') as schemas`,
        )
      ).rows[0];
    await port.install(nextOrder());
    expect(await left()).toEqual({ triggers: '14', schemas: '1' });
    await port.uninstall(nextOrder());
    await port.uninstall(nextOrder());
    expect(await left()).toEqual({ triggers: '0', schemas: '0' });
    await write(writer, 'ERNSH');
  });
});

describe('the change log', () => {
  test('tells every change oldest first, child rows under their parent, both sides of a move', async () => {
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

  test('misses nothing of a transaction that was open at the watermark and ended later', async () => {
    await writer.query('begin');
    await write(writer, 'RATTC');
    const other = await legacy.appUser();
    await write(other, 'SIMOB');
    const mark = await port.watermark();
    await writer.query('commit');
    expect(new Set((await port.changesSince(mark)).map((change) => change.account))).toEqual(new Set(['RATTC', 'SIMOB']));
    const next = await port.watermark();
    expect(await port.changesSince(next)).toEqual([]);
  });
});
