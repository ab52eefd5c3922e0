import { expect, test } from 'vitest';
import { bare, shown } from '../../records/bare.ts';

test.each([
  ['90001', '90001', '90001'],
  ['90001 ', '90001', '"90001 "'],
  ['90\u00a0001', '90 001', '"90\\u00a0001"'],
  ['90001\u200b', '90001', '"90001\\u200b"'],
  ['\ufeff90001\n', '90001', '"\\ufeff90001\\u000a"'],
  ['Ana Trujillo', 'Ana Trujillo', 'Ana Trujillo'],
])('a name is compared without what nobody sees, and shown with it: %j', (name, compared, read) => {
  expect([bare(name), shown(name)]).toEqual([compared, read]);
});
