import { open, stat } from 'node:fs/promises';

/** Most bytes a plan or env file may have; 100,000 accounts are about 1 MiB. */
export const largestFile = 8 * 1_024 * 1_024;

/** The text of a file, or why it cannot be had and what to change. */
export type ReadText = { readonly text: string } | { readonly message: string; readonly remedy: string };

/**
 * Reads a text file of at most `largestFile` bytes in UTF-8, with or without its mark. Anything that is no file, that is too large, or that is
 * written in another encoding is refused in words: text in another encoding would be shown to users of legacy as something else. Never throws.
 */
export async function readText(file: string): Promise<ReadText> {
  try {
    const found = await stat(file);
    if (!found.isFile())
      return { message: `This is ${found.isDirectory() ? 'a folder' : 'no ordinary file'}.`, remedy: 'Name the YAML file itself.' };
    return textOf(await head(file));
  } catch {
    return { message: 'This file cannot be read.', remedy: 'Correct its path, or let this user read it.' };
  }
}

/** At most one byte more than a file may have, whatever its size says. */
async function head(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const bytes = new Uint8Array(largestFile + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

function textOf(bytes: Uint8Array): ReadText {
  if (bytes.length > largestFile)
    return {
      message: `This file is larger than ${String(largestFile / 1_024 / 1_024)} MiB.`,
      remedy: 'Name the right file; a plan of 100,000 accounts has about 1 MiB.',
    };
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.subarray(0, 4).includes(0))
    return { message: 'This file is written in UTF-16 or UTF-32, or it is no text.', remedy: 'Save it in UTF-8.' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const line = bytes.subarray(0, faultAt(bytes)).reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 1);
    return {
      message: `Line ${String(line)} of this file is not UTF-8; it may be Latin-1 (ISO 8859-1 or Windows-1252).`,
      remedy: 'Save it in UTF-8, and look at its umlauts and accents afterwards.',
    };
  }
}

/** Where the first byte stands that is no UTF-8: the longest beginning that can be read ends there. */
function faultAt(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isReadable(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isReadable(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
