import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './project.ts';

/** What a bundle of the workflows is made of: the rooms they import from, how it is made, and the packages of the lockfile. */
const ingredients = ['workflows', 'domain', 'contracts', 'workers/bundle.ts', 'package-lock.json'];

/**
 * Where the bundle of the workflows as they are now is kept, or will be by the first worker: bundling costs a worker some seconds, and the same
 * workflows give the same bundle. Another content has another file.
 */
export async function bundleFile(): Promise<string> {
  const folder = join(projectRoot, '.dev', 'bundles');
  await mkdir(folder, { recursive: true });
  return join(folder, `${await contentHash(ingredients)}.js`);
}

/** A name for the present content of these folders (the TypeScript in them) and files of the project. */
export async function contentHash(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of paths) {
    const path = join(projectRoot, name);
    const below = name.includes('.') ? [''] : (await readdir(path, { recursive: true })).filter((file) => file.endsWith('.ts')).sort();
    for (const file of below) hash.update(`${name}/${file}\n`).update(await readFile(join(path, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
