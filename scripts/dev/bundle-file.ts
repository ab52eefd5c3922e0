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
  const hash = createHash('sha256');
  for (const ingredient of ingredients) {
    const path = join(projectRoot, ingredient);
    const below = ingredient.includes('.')
      ? ['']
      : (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.ts')).sort();
    for (const name of below) hash.update(`${ingredient}/${name}\n`).update(await readFile(join(path, name)));
  }
  const folder = join(projectRoot, '.dev', 'bundles');
  await mkdir(folder, { recursive: true });
  return join(folder, `${hash.digest('hex').slice(0, 16)}.js`);
}
