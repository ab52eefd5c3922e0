import { describe, expect } from 'vitest';
import type { Client } from 'pg';
import { installedLegacy, fence, nextOrder, order } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const test = onEveryPostgres(installedLegacy);
const write = (client: Client, account: string): Promise<unknown> =>
  client.query('update orders set freight = freight + 1 where customer_id = $1', [account]);
/** The lease of ERNSH ends now, which is what waiting for its end comes to: the database's own clock judges it. */
const lapse = (owner: Client): Promise<unknown> =>
  owner.query(`update cutover.freeze set lease_until = clock_timestamp() where account = 'ERNSH'`);
const frozen = { code: 'ZC001' };
const moved = { code: 'ZC002' };

describe('lease, seal and thaw', () => {
  test('a lease ends by itself, and then nothing of its generation may be prolonged, sealed or frozen again', async ({
    port,
    owner,
    writer,
  }) => {
    await port.freeze(order());
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
    expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ generation: 1, sealed: false, holds: true }]);
    await lapse(owner);
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

  test('a lease that still holds is prolonged for all its accounts, and for none when one has lapsed', async ({ port, owner }) => {
    await port.freeze(order({ accounts: ['ERNSH', 'SIMOB'], leaseMs: 20_000 }));
    const ends = async (): Promise<readonly number[]> =>
      (await port.freezeStates(['ERNSH', 'SIMOB'])).map((state) => Date.parse(state.leaseUntil) - Date.now());
    expect(await port.extend(fence(), 90_000)).toBe(true);
    for (const left of await ends()) expect(left).toBeGreaterThan(80_000);
    expect(await port.extend(fence('pilot', 7), 90_000)).toBe(false);
    await owner.query(`update cutover.freeze set lease_until = clock_timestamp() where account = 'SIMOB'`);
    expect(await port.extend(fence(), 120_000)).toBe(false);
    expect((await ends())[0]).toBeLessThan(91_000);
  });

  test('a prolonged lease binds a writer whose snapshot still shows the old end', async ({ port, writer }) => {
    await port.freeze(order({ leaseMs: 10_000 }));
    await writer.query('begin isolation level repeatable read');
    await writer.query('select count(*) from orders');
    expect(await port.extend(fence(), 60_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 10_100));
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject({ code: '40001' });
  });

  test('a sealed account is closed for good, past the end of its lease, until its wave is thawed', async ({ port, owner, writer }) => {
    await port.freeze(order());
    await port.seal(['ERNSH'], fence());
    await port.seal(['ERNSH'], fence());
    await lapse(owner);
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

  test('freezes are counted by wave: a thaw lifts only its own', async ({ port, writer }) => {
    await port.freeze(order());
    await port.freeze(order({ wave: 'east' }));
    await port.thaw(['ERNSH'], fence());
    await expect(write(writer, 'ERNSH')).rejects.toMatchObject(frozen);
    await port.thaw(['ERNSH'], fence('east'));
    await write(writer, 'ERNSH');
  });

  test('a repeated order changes nothing, not even a shorter or longer lease', async ({ port }) => {
    await port.freeze(order());
    const before = await port.freezeStates(['ERNSH']);
    await port.freeze(order({ leaseMs: 600_000 }));
    expect(await port.freezeStates(['ERNSH'])).toEqual(before);
  });

  test('a freeze whose triggers were switched off does not hold and cannot become a seal', async ({ port, owner, writer }) => {
    await port.freeze(order());
    await owner.query('alter table orders disable trigger user');
    await write(writer, 'ERNSH');
    expect(await port.freezeStates(['ERNSH'])).toMatchObject([{ holds: false }]);
    await expect(port.seal(['ERNSH'], fence())).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('zz_cutover_guard on table orders is switched off'),
    });
  });

  test('what the runner installed is all gone after uninstall, and a second one changes nothing', async ({ port, owner, writer }) => {
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
