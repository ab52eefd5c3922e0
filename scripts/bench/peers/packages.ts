import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { projectRoot } from '../../dev/project.ts';

const own = join(projectRoot, 'scripts', 'bench', 'peers');

async function folder(): Promise<string> {
  const lock = await readFile(join(own, 'package-lock.json'));
  return join(projectRoot, '.dev', 'peers', createHash('sha256').update(lock).digest('hex').slice(0, 16));
}

/** Installs the peers' packages by their lockfile, once, outside the product's own. Returns why that cannot be; null where they are there. */
export async function install(): Promise<string | null> {
  const there = await folder();
  if (existsSync(there)) return null;
  const aside = `${there}-${String(process.pid)}`;
  try {
    await mkdir(aside, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) await copyFile(join(own, name), join(aside, name));
    const { npm_execpath: npm } = process.env;
    const [command, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
    await promisify(execFile)(command, [...args, 'ci', '--engine-strict=false', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: aside,
    });
    await rename(aside, there);
    return null;
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    const [words = ''] = (error instanceof Error ? error.message : String(error)).split('\n').slice(-2);
    return `its packages cannot be installed: ${words}`;
  }
}

/** A package of the peers; its shape is what the caller says, because the product's own checks do not know these packages. */
export async function peer<T>(name: string): Promise<T> {
  const path = createRequire(join(await folder(), 'package.json')).resolve(name);
  return (await import(pathToFileURL(path).href)) as T;
}
