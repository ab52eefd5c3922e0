import { expect, test } from 'vitest';
import { addressField, addressOf } from '../../adapters/tryton/address.ts';

test('an address that Tryton holds with blanks around its parts, as other programs may have written it, can be put back', () => {
  const held = { street: ' A', city: 'Berlin\u00a0', postal_code: ' 12209\u001f', 'country.': { code: 'DE ' } };
  expect(addressField({ ...addressOf(held) }, 'addresses')).toEqual({ street: 'A', city: 'Berlin', postalCode: '12209', country: 'DE' });
  const blank = { street: ' ', city: ' ', postal_code: null, 'country.': null };
  expect(addressField({ ...addressOf(blank) }, 'addresses')).toEqual({ street: null, city: null, postalCode: null, country: null });
});
