import { describe, expect } from 'vitest';
import type { Client } from 'pg';
import { fence, legacyPlan, nextOrder, order, ownedByRole, twoAccounts } from './sql-legacy.ts';
import { onEveryPostgres } from './sql-versions.ts';

const older = { kind: 'conflict', message: expect.stringContaining('older') as unknown };
/** Our own schema in legacy, whole. */
const held = async (owner: Client): Promise<unknown> => (await owner.query('select * from cutover.freeze order by account, wave')).rows;
const schemas = async (owner: Client): Promise<unknown> =>
  (await owner.query<{ nspname: string }>(`select nspname from pg_namespace where nspname like 'cutover%' order by 1`)).rows.map(
    ({ nspname }) => nspname,
  );

describe.each(['triggers', 'grants'] as const)('with freeze: %s', (freeze) => {
  const test = onEveryPostgres(async (server) => {
    const legacy = await twoAccounts(server);
    if (freeze === 'grants') await legacy.owner.query(ownedByRole);
    const port = legacy.open({ ...legacyPlan, freeze });
    await port.install(nextOrder());
    return { ...legacy, port };
  });

  test('a freeze that slept past its thaw is refused, and the account goes on working', async ({ port, owner, appUser }) => {
    const slept = fence();
    await port.thaw(['ERNSH'], fence());
    await expect(port.freeze(order(slept))).rejects.toMatchObject(older);
    expect(await held(owner)).toEqual([]);
    const writer = await appUser();
    await writer.query(`update orders set freight = freight + 1 where customer_id = 'ERNSH'`);
  });

  test('a thaw of an earlier attempt that slept past the next switch leaves the seal', async ({ port, owner }) => {
    await port.freeze(order(fence('pilot', 1)));
    const slept = fence('pilot', 1);
    await port.thaw(['ERNSH'], fence('pilot', 1));
    await port.freeze(order(fence('pilot', 2)));
    await port.seal(['ERNSH'], fence('pilot', 2));
    const before = await held(owner);
    await expect(port.thaw(['ERNSH'], slept)).rejects.toMatchObject(older);
    await expect(port.thaw(['ERNSH'], fence('pilot', 1))).rejects.toMatchObject({ kind: 'conflict' });
    expect(await held(owner)).toEqual(before);
  });

  test('a seal, an unseal and a prolonged lease that slept are refused', async ({ port, owner }) => {
    await port.freeze(order(fence()));
    const [sealing, unsealing, extending] = [fence(), fence(), fence()];
    await port.extend(fence(), 70_000);
    const before = await held(owner);
    await expect(port.seal(['ERNSH'], sealing)).rejects.toMatchObject(older);
    await expect(port.unseal(['ERNSH'], unsealing, 1_000)).rejects.toMatchObject(older);
    await expect(port.extend(extending, 600_000)).rejects.toMatchObject(older);
    expect(await held(owner)).toEqual(before);
  });

  test('an act on more accounts than the generation holds changes none', async ({ port, owner }) => {
    await port.freeze(order(fence()));
    const before = await held(owner);
    await expect(port.seal(['ERNSH', 'RATTC'], fence())).rejects.toMatchObject({ kind: 'conflict' });
    await expect(port.unseal(['ERNSH', 'RATTC'], fence(), 1_000)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(port.unseal(['ERNSH'], fence('pilot', 2), 1_000)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(port.unseal(['ERNSH'], fence('east', 1), 1_000)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await held(owner)).toEqual(before);
  });

  test('a seal becomes a lease with an end again, and a repetition of the same order changes nothing', async ({ port, owner }) => {
    await port.freeze(order({ ...fence(), leaseMs: 5_000 }));
    await port.seal(['ERNSH'], fence());
    const again = fence();
    await port.unseal(['ERNSH'], again, 30_000);
    const before = await held(owner);
    await port.unseal(['ERNSH'], again, 90_000);
    expect(await held(owner)).toEqual(before);
    const [state] = await port.freezeStates(['ERNSH']);
    expect(state).toMatchObject({ sealed: false, holds: true, generation: 1 });
    const left = Date.parse(state?.leaseUntil ?? '') - Date.now();
    expect(left).toBeGreaterThan(20_000);
    expect(left).toBeLessThan(31_000);
  });

  test('two orders about one account at the same moment: only the newer one stands, whichever comes first', async ({ port, owner }) => {
    for (let round = 1; round <= 6; round += 1) {
      const freezing = order(fence('pilot', round));
      const thawing = fence('pilot', round);
      await Promise.allSettled(
        round % 2 === 0 ? [port.freeze(freezing), port.thaw(['ERNSH'], thawing)] : [port.thaw(['ERNSH'], thawing), port.freeze(freezing)],
      );
      expect(await held(owner)).toEqual([]);
    }
  });

  test('an install, a removal and a hand-over that slept are refused', async ({ port, owner }) => {
    const [removing, handing] = [nextOrder(), nextOrder()];
    await port.freeze(order(fence()));
    await port.thaw(['ERNSH'], fence());
    await expect(port.uninstall(removing)).rejects.toMatchObject(older);
    await expect(port.handOver(handing)).rejects.toMatchObject(older);
    expect(await schemas(owner)).toEqual(['cutover', 'cutover_order']);
    const [installing, freezing] = [nextOrder(), fence()];
    await port.uninstall(nextOrder());
    expect(await schemas(owner)).toEqual(['cutover_order']);
    await expect(port.install(installing)).rejects.toMatchObject(older);
    await expect(port.freeze(order(freezing))).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('not installed'),
    });
    expect(await schemas(owner)).toEqual(['cutover_order']);
    await port.install(nextOrder());
    await expect(port.freeze(order(freezing))).rejects.toMatchObject(older);
    expect(await held(owner)).toEqual([]);
  });
});
