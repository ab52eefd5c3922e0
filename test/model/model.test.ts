import { expect, test } from 'vitest';
import { faultOf, modelCases } from './cases.ts';

const quick = modelCases.filter(({ long }) => !long);

test.each(quick.filter(({ breaks }) => breaks === null))('keeps every promise in every state that can be reached: $name', (one) => {
  expect(faultOf(one, one.explore())).toBeNull();
});

test.each(quick.filter(({ breaks }) => breaks !== null))('would break a promise, and the model sees it, if $name', (one) => {
  expect(faultOf(one, one.explore())).toBeNull();
});
