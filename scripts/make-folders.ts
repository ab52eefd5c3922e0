import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../contracts/failures.ts';

/**
 * Makes a folder and those above it that are missing; rejects with Node's own error. Node's `recursive` option never ends where a file system
 * answers ENOENT for a folder whose parent is there, as `/proc` does.
 */
export async function makeFolders(folder: string): Promise<void> {
  const path = resolve(folder);
  if (await isThere(path)) return;
  if (dirname(path) !== path) await makeFolders(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
