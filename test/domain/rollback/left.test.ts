import { expect, test } from 'vitest';
import { leftSentence } from '../../../domain/rollback/left.ts';

test.each([
  [1, ['ALFKI'], 'customer, 1 record: ALFKI. Kept: it is needed.'],
  [2, ['ALFKI', 'RATTC'], 'customer, 2 records: ALFKI, RATTC. Kept: it is needed.'],
  [77, ['ALFKI', 'RATTC'], 'customer, 77 records, among them ALFKI, RATTC. Kept: it is needed.'],
])('%s records that stay are named with their reason', (records, keys, sentence) => {
  expect(leftSentence({ object: 'customer', reason: 'Kept: it is needed.', records, keys })).toBe(sentence);
});
