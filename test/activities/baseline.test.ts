import { expect, test } from 'vitest';
import { baselinesOf } from '../../activities/load/baseline.ts';
import { contentHash } from '../../records/canonical.ts';

const product = { name: 'product', target: { system: 'erp', object: 'product' }, fields: {} };
const fields = { note: { from: 'note' }, product: { ref: 'product', from: 'product' } };
const order = { name: 'order', target: { system: 'erp', object: 'sale' }, fields };
const crosswalk = [
  { object: 'product', sourceId: 'A', system: 'erp', targetId: '1', state: 'live' },
  { object: 'product', sourceId: 'B', system: 'erp', targetId: '2', state: 'live' },
];
const revisions = [
  { sourceId: 'O', payload: { note: 'n', product: 'B' } },
  { sourceId: 'O', payload: { note: 'n', product: 'A' } },
];
const context = {
  scope: 'scope',
  sys: { plan: { objects: [product, order] } },
  ledger: {
    crosswalk: {
      live: (_: string, names: readonly { readonly sourceId: string }[]) =>
        Promise.resolve(crosswalk.filter(({ sourceId: own }) => names.some(({ sourceId }) => sourceId === own))),
    },
    records: { revisions: () => Promise.resolve(revisions) },
    effects: { history: () => Promise.resolve([]) },
  },
};

test('what the last load left in a record that was only recognized is known, also where a reference of it has moved since', async () => {
  const loaded = { note: 'n', product: '1' };
  const moved = [{ sourceId: 'O', row: { contentHash: contentHash(loaded) } }];
  expect((await baselinesOf(context as never, order as never, moved as never)).get('O')).toEqual(loaded);
});
