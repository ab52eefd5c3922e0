import { expect, test } from 'vitest';
import { isRemoval, kindForState, milderKind } from '../../../domain/rollback/kind.ts';

test('the kind is that of the state, else that of any state, else impossible', () => {
  const kinds = { draft: 'delete', '*': 'cancel' } as const;
  expect(kindForState(kinds, 'draft')).toBe('delete');
  expect(kindForState(kinds, 'quotation')).toBe('cancel');
  expect(kindForState({ draft: 'delete' }, 'processing')).toBe('impossible');
});

test('a milder kind is used only where the plan allows it', () => {
  expect(milderKind('delete', ['deactivate', 'cancel'])).toBe('deactivate');
  expect(milderKind('delete', ['cancel'])).toBe('cancel');
  expect(milderKind('deactivate', ['cancel'])).toBe('cancel');
  expect(milderKind('delete', [])).toBeNull();
});

test('nothing goes back to a harder kind', () => {
  expect(milderKind('deactivate', ['delete', 'deactivate'])).toBeNull();
  expect(milderKind('cancel', ['delete', 'deactivate', 'cancel'])).toBeNull();
});

test('what takes a record out of use is told from what does not', () => {
  expect(['delete', 'deactivate', 'cancel', 'restore', 'create', 'toString'].filter(isRemoval)).toEqual(['delete', 'deactivate', 'cancel']);
});
