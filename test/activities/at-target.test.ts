import { expect, test } from 'vitest';
import { atTheirTarget } from '../../activities/at-target.ts';
import type { Context } from '../../activities/deps.ts';
import type { CreateRow } from '../../ledger/effect-row.ts';

const places: Readonly<Record<string, number>> = { erp: 1, crm: 4 };
const sys = {
  plan: { objects: [{ target: { system: 'erp' } }, { target: { system: 'crm' } }] },
  target: (system: string) => ({ capabilities: { writesInFlight: places[system] } }),
};
const context = { sys } as unknown as Context;
const create = (system: string, id: string): CreateRow => ({ system, id }) as CreateRow;

async function* given(pages: readonly (readonly CreateRow[])[]): AsyncGenerator<readonly CreateRow[]> {
  for (const page of pages) yield await Promise.resolve(page);
}

/** Work that tells how much of each system was under way at once, and in which order its pages ended. */
function work() {
  const state = { underWay: { erp: 0, crm: 0 } as Record<string, number>, most: {} as Record<string, number>, ended: [] as string[] };
  const one = async (creates: readonly CreateRow[]): Promise<readonly string[]> => {
    const systems = new Set(creates.map(({ system }) => system));
    expect(systems.size).toBe(1);
    const [system = ''] = systems;
    state.underWay[system] = (state.underWay[system] ?? 0) + 1;
    state.most[system] = Math.max(state.most[system] ?? 0, state.underWay[system] ?? 0);
    await new Promise((resolve) => setTimeout(resolve, system === 'erp' ? 40 : 10));
    state.underWay[system] = (state.underWay[system] ?? 0) - 1;
    state.ended.push(...creates.map(({ id }) => id));
    if (creates.some(({ id }) => id === 'bad')) throw new Error('the page cannot be read');
    return creates.map(({ id }) => id);
  };
  return { state, one };
}

test('each target is asked for as many pages at a time as it takes, also where pages of another that takes fewer are before them', async () => {
  const { state, one } = work();
  const crm = Array.from({ length: 8 }, (_, at) => [create('crm', `crm${String(at)}`)]);
  const pages = [[create('erp', 'erp0')], [create('erp', 'erp1'), create('crm', 'beside')], ...crm];
  const found: (readonly string[])[] = [];
  for await (const ids of atTheirTarget(context, given(pages), one)) found.push(ids);
  expect(found).toEqual([['erp0'], ['erp1'], ['beside'], ...crm.map(([row]) => [row?.id])]);
  expect(state.most['erp']).toBe(1);
  expect(state.most['crm']).toBeGreaterThan(1);
  expect(state.most['crm']).toBeLessThanOrEqual(4);
  expect(state.ended.indexOf('beside')).toBeLessThan(state.ended.indexOf('erp1'));
});

test('behind a page that cannot be read no other of its target begins, and it is told when nothing is under way any more', async () => {
  const { state, one } = work();
  const pages = ['bad', 'erp1', 'erp2'].map((id) => [create('erp', id)]);
  await expect(async () => {
    for await (const ids of atTheirTarget(context, given(pages), one)) expect(ids).toEqual([]);
  }).rejects.toThrow('the page cannot be read');
  expect(state.underWay['erp']).toBe(0);
  expect(state.ended).toEqual(['bad']);
});
