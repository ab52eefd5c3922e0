import { describe, expect } from 'vitest';
import { createSql } from '../../adapters/sql/source.ts';
import type { LocalPostgres } from '../../scripts/dev/postgres.ts';
import { emptyLegacy, lookup, moves, planOf } from './sql-empty.ts';
import { fence, nextOrder, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';
import { wireTo } from './sql-wire.ts';

const test = onEveryPostgres(async (server: LocalPostgres) => ({ ...(await emptyLegacy(server)), server }));

const ddl = `create table orders (id int primary key, cust text); create table lines (id int primary key, order_id int);
  create table notes (id int primary key, order_id int); insert into orders values (1, 'AB'), (2, 'Cd')`;
const tables = {
  orders: moves('cust'),
  lines: lookup('order_id', 'orders', 'id', 'cust'),
  notes: lookup('order_id', 'orders', 'id', 'cust'),
};
const queries = { order: { sql: 'select id, cust from orders', key: 'id', account: 'cust', tables: ['orders'] } };
const all = { statuses: null, accounts: null, explained: { all: true } } as const;

describe('what the catalog says', () => {
  test('is asked once by many reads, and once by each look at a freeze', async ({ server, runnerUrl, installed }) => {
    await installed(ddl, tables, queries);
    const catalog = 'pg_attribute a on a.attrelid = asked.oid';
    let sent = '';
    const wire = await wireTo(server.port, (chunk) => {
      sent += chunk.toString('latin1');
      return chunk;
    });
    const url = new URL(runnerUrl);
    url.port = String(wire.port);
    const watched = createSql(planOf(tables, queries), { system: 'erp', values: { url: url.href }, callTimeoutMs: 5_000 });
    const asked = (what: string): number => sent.split(what).length - 1;
    try {
      for (let page = 0; page < 5; page += 1) {
        await watched.read('order', { after: null, limit: 1, accounts: ['AB'] });
        await watched.get('order', ['1']);
        await watched.tally([
          { table: 'lines', ...all },
          { table: 'notes', ...all },
        ]);
      }
      expect([asked('begin isolation'), asked(catalog), asked('savepoint')]).toEqual([15, 1, 1]);
      sent = '';
      for (let look = 0; look < 3; look += 1) await watched.freezeStates(['AB']);
      expect([asked('begin isolation'), asked(catalog), asked('savepoint')]).toEqual([3, 3, 3]);
    } finally {
      await watched.dispose();
      wire.close();
    }
  });

  test('is asked anew by an act, whatever a read was told a moment ago', async ({ owner, installed }) => {
    const { port, writer } = await installed(ddl, tables, queries);
    const read = async (): Promise<unknown> => port.read('order', { after: null, limit: 1, accounts: ['AB'] });
    await read();
    await owner.query('create extension citext; alter table orders alter column cust type citext');
    await port.install(nextOrder());
    await port.freeze(order({ accounts: ['aB'] }));
    await expect(writer.query('update orders set id = 5 where id = 1')).rejects.toMatchObject({ code: 'ZC001' });
    await read();
    await owner.query('create table later () inherits (notes)');
    expect(await port.freezeStates(['Ab'])).toMatchObject([
      { holds: false, loose: expect.arrayContaining(['trigger zz_cutover_guard on table later is missing']) },
    ]);
    await port.thaw(['AB'], fence());
    expect(await port.freezeStates(['AB'])).toEqual([]);
  });

  test('is asked anew by a read after one that failed', async ({ owner, installed }) => {
    const { port } = await installed(ddl, { orders: moves('cust') });
    const count = async (): Promise<unknown> =>
      (await port.tally([{ table: 'orders', statuses: null, accounts: null, explained: { keys: ['1'] } }]))[0]?.[0]?.missing.keys;
    expect(await count()).toEqual(['2']);
    await owner.query('alter table orders rename column id to no');
    await expect(count()).rejects.toMatchObject({ kind: 'invalidData' });
    expect(await count()).toEqual(['2']);
  });

  test('a primary key has its own columns, and none that only travel with its index', async ({ installed }) => {
    const { port, writer } = await installed(
      `create table orders (id int, cust text, note text, primary key (id) include (note)); insert into orders values (1, 'AB', 'first')`,
      { orders: moves('cust') },
    );
    const mark = await port.watermark();
    await writer.query(`update orders set note = 'second'`);
    expect(await port.changesSince(mark)).toMatchObject([{ table: 'orders', key: '1' }]);
    const [counted] = await port.tally([{ table: 'orders', statuses: null, accounts: null, explained: { keys: ['1'] } }]);
    expect(counted).toMatchObject([{ rows: 1, missing: { rows: 0 } }]);
  });
});
