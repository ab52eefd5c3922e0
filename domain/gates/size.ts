/** Bytes of a text in UTF-8; surrogates come in pairs, each half counting two of the four bytes. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isSurrogate = code >= 0xd800 && code < 0xe000;
    if (code < 0x80) bytes += 1;
    else bytes += code < 0x800 || isSurrogate ? 2 : 3;
  }
  return bytes;
}

/** Size of a value as JSON text in UTF-8 bytes; null when it has no JSON text (circular, a function, a getter that throws). */
export function jsonBytes(raw: unknown): number | null {
  try {
    const text: unknown = JSON.stringify(raw);
    return typeof text === 'string' ? utf8Bytes(text) : null;
  } catch {
    return null;
  }
}
