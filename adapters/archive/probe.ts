import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { AdapterError, errorCode } from '../../contracts/failures.ts';
import type { Place } from './failure.ts';
import { guarded } from './failure.ts';
import { Manifest } from './manifest.ts';

/**
 * What keeps an archive from taking parts: no folder, no right to write there, a manifest that cannot be trusted. A folder that is missing
 * is never made here: it may be a mistyped address, or a volume that is not mounted.
 */
export async function archiveProblems(place: Place): Promise<readonly string[]> {
  const { system, folder } = place;
  if (!isAbsolute(folder)) return [`${system}: "${folder}" is no absolute path, so each worker would have an archive of its own; give one`];
  if (!(await mayBeFolder(folder))) return [`${system}: there is no folder ${folder}; make it, or correct its address`];
  for (const path of [folder, join(folder, 'parts'), join(folder, 'manifest')])
    if (!(await mayBeUsed(path))) return [`${system}: ${path} may not be read and written by this worker; give its user both rights`];
  try {
    await guarded(place, 'probe', () => new Manifest(place).parts());
    return [];
  } catch (error) {
    if (error instanceof AdapterError) return [error.message];
    throw error;
  }
}

/** One that may not even be looked at is told by its rights, not as missing. */
async function mayBeFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    return errorCode(error) === 'EACCES';
  }
}

/** A folder inside that is not there yet will be made with the first part. */
async function mayBeUsed(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}
