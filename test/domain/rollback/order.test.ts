import { expect, test } from 'vitest';
import fc from 'fast-check';
import { undoOrder } from '../../../domain/rollback/order.ts';

const objects = ['products', 'customers', 'orders', 'deliveries'];
const records = fc.array(fc.constantFrom(...objects, 'unlisted')).map((names) => names.map((object, ordinal) => ({ object, ordinal })));

test('what was loaded last is taken back first', () => {
  const order = undoOrder(objects, [{ object: 'products' }, { object: 'orders' }, { object: 'customers' }]);
  expect(order.map(({ object }) => object)).toEqual(['orders', 'customers', 'products']);
});

test('no record is taken back before one that may refer to it', () => {
  fc.assert(
    fc.property(records, (given) => {
      const ranks = undoOrder(objects, given).map(({ object }) => (object === 'unlisted' ? objects.length : objects.indexOf(object)));
      expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    }),
  );
});

test('nothing is lost, nothing added, and records of one object stay in the given order', () => {
  fc.assert(
    fc.property(records, (given) => {
      const order = undoOrder(objects, given);
      for (const object of [...objects, 'unlisted']) {
        expect(order.filter((record) => record.object === object)).toEqual(given.filter((record) => record.object === object));
      }
      expect(order).toHaveLength(given.length);
    }),
  );
});
