import { randomUUID } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode } from '../../contracts/failures.ts';

/**
 * Makes a read-only file that is on disk, whole, under its name or not there at all; false when the name was taken.
 * A link, unlike a rename, never replaces what is there.
 */
export async function writeOnce(path: string, text: string): Promise<boolean> {
  const folder = dirname(path);
  await makeFolder(folder);
  const draft = `${path}.${randomUUID()}.draft`;
  await withFile(draft, 'wx', async (file) => {
    await file.writeFile(text);
    await file.chmod(0o444);
  });
  try {
    await link(draft, path);
    await withFile(folder, 'r', () => Promise.resolve());
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** Makes one folder inside a folder that is there: an archive whose own folder has gone (a volume that is not mounted) must not come up elsewhere. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Opens a file or folder, does the work and waits until it is on disk. */
async function withFile(path: string, flags: string, work: (file: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  const file = await open(path, flags);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
