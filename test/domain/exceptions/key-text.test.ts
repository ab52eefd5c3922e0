import { expect, test } from '@jest/globals';
import { keyText } from '../../../domain/exceptions/key-text.ts';

test('a key that would run together with the words around it stands in quotation marks', () => {
  expect(['ALFKI', '2024/17-A', 'Müller & Co', 'a,b', 'x;y', 'no: 7', '(old)', 'say "hi"', ' ', ''].map(keyText)).toEqual([
    'ALFKI',
    '2024/17-A',
    '"Müller & Co"',
    '"a,b"',
    '"x;y"',
    '"no: 7"',
    '"(old)"',
    '"say \\"hi\\""',
    '" "',
    '""',
  ]);
});
