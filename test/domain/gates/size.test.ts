import { expect, test } from 'vitest';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { jsonBytes } from '../../../domain/gates/size.ts';

test('counts the bytes that the JSON text has in UTF-8', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const raw = [value, text, 'é€😀'];
      expect(jsonBytes(raw)).toBe(Buffer.byteLength(JSON.stringify(raw)));
    }),
  );
});

test('is null for what has no JSON text', () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const refusing = {
    get by(): string {
      throw new Error('no');
    },
  };
  for (const raw of [undefined, () => 1, circular, 10n, refusing]) expect(jsonBytes(raw)).toBeNull();
});
