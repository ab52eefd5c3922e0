import { describe, expect } from 'vitest';
import type { AdapterError } from '../../contracts/failures.ts';
import type { SourcePort } from '../../contracts/source.ts';
import { legacyPlan, nextOrder, startLegacy } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres(async (server) => ({ ...(await startLegacy(server)), server }), 'for the file');

/** The keys of a query, read in pages of so many rows. */
async function allKeys(port: SourcePort, query: string, limit: number): Promise<readonly string[]> {
  const keys: string[] = [];
  let after: string | null = null;
  do {
    const page = await port.read(query, { after, limit, accounts: null });
    keys.push(...page.rows.map((row) => row.key));
    after = page.next;
  } while (after !== null);
  return keys;
}

describe('the seeded legacy database', () => {
  test('holds the whole of Northwind, to the cent', async ({ owner }) => {
    const { rows } = await owner.query<Record<string, string>>(`
      with sold as (
        select order_id, count(*) as lines, sum(round(unit_price * quantity * (1 - discount), 2)) as net from order_details group by order_id
      )
      select (shipped_date is null)::text as open, count(*) as orders, sum(lines) as lines, count(distinct customer_id) as customers, sum(net) as net, sum(freight) as freight
      from orders join sold using (order_id) group by shipped_date is null order by 1 desc`);
    expect(rows).toEqual([
      { open: 'true', orders: '21', lines: '73', customers: '18', net: '25937.44', freight: '987.67' },
      { open: 'false', orders: '809', lines: '2082', customers: '89', net: '1239855.85', freight: '63955.02' },
    ]);
  });

  test('has codes by the written rule and one archived order without a tax code', async ({ owner }) => {
    const untaxed = await owner.query('select order_id, shipped_date is not null as shipped from orders where tax_code is null');
    expect(untaxed.rows).toEqual([{ order_id: 10248, shipped: true }]);
    const { rows } = await owner.query(
      `select distinct (ship_country = 'USA') as usa, tax_code, freight_tax_code from orders where tax_code is not null order by 1`,
    );
    expect(rows).toEqual([
      { usa: false, tax_code: 'EXPORT', freight_tax_code: 'EXPORT' },
      { usa: true, tax_code: 'GOODS', freight_tax_code: 'FREIGHT' },
    ]);
  });

  test('can be seeded with a few customers, all their orders and all products', async ({ server }) => {
    const small = await startLegacy(server, ['ALFKI', 'RATTC']);
    const { tables } = await small.port.inventory();
    expect(tables).toMatchObject({ customers: 2, orders: 24, products: 77, employees: 9 });
    await small.stop();
  });
});

describe('reading pages', () => {
  test('follows the keys in their own order without missing or repeating one', async ({ port }) => {
    const keys = await allKeys(port, 'product', 10);
    expect(keys).toEqual(Array.from({ length: 77 }, (_, index) => String(index + 1)));
  });

  test.each([
    ['numbers that are equal and written in two ways', `values (1.0), (1.00), (2), (10)`, ['1.0', '1.00', '10', '2']],
    ['texts that a collation takes for equal', `select key collate loose from (values ('a'), ('A'), ('b')) v (key)`, ['A', 'a', 'b']],
    ['texts of another language', `select key collate "en-x-icu" from (values ('b'), ('B'), ('a'), ('é')) v (key)`, ['a', 'b', 'B', 'é']],
    ['days', `values (date '2026-01-02'), ('2025-12-31'), (null)`, ['2025-12-31', '2026-01-02']],
    [
      'times',
      `values (timestamptz '2026-01-02 10:00:00.000001+02'), ('2026-01-02 10:00:00+02')`,
      ['2026-01-02 08:00:00+00', '2026-01-02 08:00:00.000001+00'],
    ],
    ['padded texts', `values ('b'::char(4)), ('a')`, ['a', 'b']],
  ])('misses and repeats none of its rows where a page ends anywhere: %s', async ({ owner, open }, _, rows, expected) => {
    await owner.query(`create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`);
    await owner.query(
      `create view keyed as select * from (${rows}) rows (key) where key is not null; grant select on keyed to cutover_runner`,
    );
    const query = { sql: 'select key from keyed', key: 'key', account: null, tables: ['orders'] };
    expect(await allKeys(open({ ...legacyPlan, queries: { query } }), 'query', 1)).toEqual(expected);
    await owner.query('drop view keyed; drop collation loose');
  });

  test('goes through a table of any size once for all its pages', async ({ owner, open }) => {
    await owner.query(`create table big (id bigint primary key, name text); insert into big select n, n::text from generate_series(1, 20000) n;
      analyze big; grant select on big to cutover_runner`);
    const query = { sql: 'select id, name from big', key: 'id', account: null, tables: ['orders'] };
    expect(await allKeys(open({ ...legacyPlan, queries: { query } }), 'query', 500)).toHaveLength(20_000);
    const readOf = async (): Promise<number> => {
      const { rows } = await owner.query<{ read: string }>(
        `select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_user_tables where relname = 'big'`,
      );
      return Number(rows[0]?.read);
    };
    // The server tells what was read a second late.
    for (let look = 0; look < 50 && (await readOf()) < 20_000; look += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await readOf()).toBeLessThan(3 * 20_000);
    await owner.query('drop table big');
  });

  test('ends with a null when the last page is full only by chance', async ({ port }) => {
    const page = await port.read('product', { after: '77', limit: 1, accounts: null });
    expect(page).toEqual({ rows: [], next: null });
  });

  test('counts what all pages together yield', async ({ port }) => {
    expect(await port.count('product', null)).toBe(77);
    expect(await port.count('openOrder', ['ERNSH', 'SIMOB'])).toBe(3);
    await expect(port.count('product', ['ERNSH'])).rejects.toThrow(/names no account column/);
  });

  test('says of each account of a query whether a table holds it so, because only then a freeze finds it', async ({ port, open }) => {
    const asTheyAre = await port.accounts('openOrder');
    expect(asTheyAre).toHaveLength(18);
    expect(asTheyAre.every(({ held }) => held)).toBe(true);
    expect(await port.accounts('product')).toEqual([]);
    const small = {
      sql: `select order_id, case customer_id when 'ERNSH' then lower(customer_id) || ' ' else customer_id end as customer_id from orders where customer_id in ('ERNSH', 'SIMOB')`,
      key: 'order_id',
      account: 'customer_id',
      tables: ['orders'],
    };
    const other = open({ ...legacyPlan, queries: { small } });
    expect(await other.accounts('small')).toEqual([
      { account: 'SIMOB', held: true },
      { account: 'ernsh ', held: false },
    ]);
  });

  test('keeps to the accounts asked for', async ({ port }) => {
    const { rows } = await port.read('openOrder', { after: null, limit: 100, accounts: ['ERNSH', 'SIMOB'] });
    expect(rows.map((row) => [row.key, row.account])).toEqual([
      ['11008', 'ERNSH'],
      ['11072', 'ERNSH'],
      ['11074', 'SIMOB'],
    ]);
  });

  test('carries numbers as the decimal text they are, days as days and nested numbers as text', async ({ port }) => {
    const [row] = await port.get('openOrder', ['11074']);
    expect(row?.fields).toEqual({
      order_id: '11074',
      customer_id: 'SIMOB',
      order_date: '1998-05-06',
      freight: '18.44',
      lines: [{ product: '16', price: '17.4500', quantity: '14', discount: '0.050' }],
    });
  });

  test('finds rows by key and leaves absent keys out', async ({ port }) => {
    const rows = await port.get('customer', ['SIMOB', "x' or 'a'='a", 'ALFKI']);
    expect(rows.map((row) => row.key)).toEqual(['ALFKI', 'SIMOB']);
  });

  test('refuses a floating-point column and says what to write instead', async ({ port }) => {
    await expect(port.get('inexact', ['10248'])).rejects.toMatchObject({
      kind: 'invalidData',
      message: expect.stringMatching(/^erp: query inexact: .*cast it to numeric in the query/),
    });
  });

  test('refuses a floating-point number nested in JSON', async ({ open }) => {
    const port = open({
      ...legacyPlan,
      queries: {
        nested: {
          sql: `select order_id, json_build_object('f', 1e-7::float8) as j from orders`,
          key: 'order_id',
          account: null,
          tables: ['orders'],
        },
      },
    });
    await expect(port.get('nested', ['10248'])).rejects.toMatchObject({ kind: 'invalidData' });
  });

  test('names the missing table of a query that cannot run', async ({ port }) => {
    await expect(port.get('broken', ['1'])).rejects.toMatchObject({
      kind: 'invalidData',
      message: expect.stringMatching(
        /^erp: query broken was refused by the database with SQLSTATE 42P01: .*"no_such_table" does not exist;/,
      ),
    });
  });

  test('refuses a query that writes', async ({ owner, open }) => {
    const port = open({
      ...legacyPlan,
      queries: { sly: { sql: `select nextval('s') as n`, key: 'n', account: null, tables: ['orders'] } },
    });
    await owner.query('create sequence s; grant usage on sequence s to cutover_runner');
    await expect(port.get('sly', ['1'])).rejects.toMatchObject({
      kind: 'invalidData',
      message: expect.stringContaining('SQLSTATE 25006'),
    });
    await owner.query('drop sequence s');
  });
});

describe('what the source tells about itself', () => {
  test('counts every table and every document status', async ({ port }) => {
    const { tables, statuses } = await port.inventory();
    expect(Object.keys(tables)).toHaveLength(13);
    expect(tables).toMatchObject({ customers: 91, orders: 830, order_details: 2155, tax_codes: 3 });
    expect(statuses).toEqual({ orders: { open: 21, shipped: 809 } });
  });

  test('counts what its user may read, and names the tables it may not', async ({ port, owner }) => {
    await owner.query('create table payroll (id int); revoke select on orders from cutover_runner');
    const { tables, statuses } = await port.inventory();
    expect(tables).toMatchObject({ customers: 91, payroll: null, orders: null });
    expect(statuses).toEqual({});
    await owner.query('drop table payroll; grant select on orders to cutover_runner');
  });

  test('finds nothing wrong with the seeded runner', async ({ port }) => {
    const probe = await port.probe();
    expect(probe).toMatchObject({ user: 'cutover_runner', problems: [] });
    expect(Math.abs(probe.clockSkewMs)).toBeLessThan(1_000);
  });

  test('is one instance by any connection, and another database is another', async ({ port, open, server }) => {
    const other = await startLegacy(server, ['ALFKI']);
    const [mine, again, others] = [await port.probe(), await open(legacyPlan).probe(), await other.port.probe()];
    expect(again.instance).toBe(mine.instance);
    expect(others.instance).not.toBe(mine.instance);
    await other.stop();
  });

  test('names each missing right with the statement that gives it', async ({ server }) => {
    const poor = await startLegacy(server, ['ALFKI']);
    const owner = poor.owner;
    await owner.query('revoke select on employees from cutover_runner; revoke trigger on orders from cutover_runner');
    await owner.query(`do $$ begin execute format('revoke create on database %I from cutover_runner', current_database()); end $$`);
    const { problems } = await poor.port.probe();
    expect(problems.every((problem) => problem.startsWith('erp: '))).toBe(true);
    expect(problems).toEqual([
      expect.stringContaining('grant create on database'),
      expect.stringContaining('grant trigger on orders to cutover_runner'),
      expect.stringContaining('grant select on employees to cutover_runner'),
    ]);
    await poor.stop();
  });

  test('refuses a superuser and tells of a table that is not there', async ({ owner, open }) => {
    await owner.query('alter role cutover_runner superuser');
    const port = open({ ...legacyPlan, tables: { gone: { disposition: 'drop' } } });
    try {
      const { problems } = await port.probe();
      expect(problems).toEqual([expect.stringContaining('superuser'), expect.stringContaining('gone does not exist')]);
    } finally {
      // The role is the whole server's: whatever the probe says, it is put back.
      await owner.query('alter role cutover_runner nosuperuser');
    }
  });

  test('tells a wrong password and an unreachable server apart', async ({ server }) => {
    const { createSql } = await import('../../adapters/sql/source.ts');
    const at = (url: string): ReturnType<typeof createSql> =>
      createSql(legacyPlan, { system: 'erp', values: { url }, callTimeoutMs: 2_000 });
    const wrong = at(server.url('legacy_1').replace('local-only', 'wrong-secret'));
    const failure = await wrong.probe().then(
      () => '',
      (error: unknown) => {
        const { kind, message } = error as AdapterError;
        return `${kind} ${message}`;
      },
    );
    expect(failure).toMatch(/^auth /);
    expect(failure).not.toContain('wrong-secret');
    const nobody = at('postgresql://postgres:x@127.0.0.1:1/legacy_1');
    await expect(nobody.probe()).rejects.toMatchObject({ kind: 'unavailable' });
    await Promise.all([wrong.dispose(), nobody.dispose()]);
  });
});

describe('the configuration fingerprint', () => {
  test('does not move with our own installation but moves with a column, a constraint and a trigger', async ({ server }) => {
    const fresh = await startLegacy(server, ['ALFKI']);
    const owner = fresh.owner;
    const before = await fresh.port.fingerprint();
    await fresh.port.install(nextOrder());
    expect(await fresh.port.fingerprint()).toBe(before);
    await owner.query('alter table orders disable trigger zz_cutover_guard');
    expect(await fresh.port.fingerprint()).toContain('trigger zz_cutover_guard on table orders is switched off');
    await owner.query('alter table orders enable trigger zz_cutover_guard');
    const seen = new Set([before]);
    for (const drift of [
      'alter table orders add column note text',
      'alter table orders add check (freight >= 0)',
      'create trigger tidy before update on orders for each row execute function suppress_redundant_updates_trigger()',
    ]) {
      await owner.query(drift);
      seen.add(await fresh.port.fingerprint());
    }
    expect(seen.size).toBe(4);
    await fresh.stop();
  });
});
