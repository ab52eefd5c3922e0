import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import webpack, { type Configuration } from 'webpack';
import { contentHash } from './bundle-file.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { bundleName, programs } from './program-file.ts';
import { projectRoot } from './project.ts';

/** The rooms that the programs import from, how they are bundled, and the packages of the lockfile. */
const rooms = ['activities', 'adapters', 'contracts', 'domain', 'ledger', 'records', 'reports', 'sandbox', 'scripts', 'workers'];
const ingredients = [...rooms, 'package-lock.json'];

/**
 * Puts each program with all it imports into one file, and returns the folder: finding and reading its hundreds of modules is most of what a start
 * costs, and the tests start a thousand programs. The same sources have the same folder.
 */
export async function bundlePrograms(): Promise<string> {
  const folder = join(projectRoot, '.dev', 'bundles', `programs-${await contentHash(ingredients)}`);
  await oneAtATime(`${folder}.lock`, async () => {
    if (existsSync(folder)) return;
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await bundle(programs.map((program) => configuration(program, draft)));
    await rename(draft, folder);
  });
  return folder;
}

/** Puts one program with all it imports into a file of the folder. */
export function bundleProgram(program: string, folder: string, filename: string): Promise<void> {
  return bundle([configuration(program, folder, filename)]);
}

function configuration(program: string, folder: string, filename = bundleName(program)): Configuration {
  return {
    mode: 'none',
    target: 'node24',
    context: projectRoot,
    entry: `./${program}`,
    output: { path: folder, filename },
    // The SDK of the worker looks for files of its own beside its modules, so it stays where it is, with all that shares its classes.
    externals: program.startsWith('workers/') ? [/^@temporalio\//] : [],
    externalsType: 'commonjs',
    module: {
      rules: [{ test: /\.ts$/, loader: 'swc-loader', options: { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } } }],
      // An address relative to a module goes on meaning the file in the project.
      parser: { javascript: { url: false } },
    },
    // What the driver of PostgreSQL would take where it is installed.
    plugins: [new webpack.IgnorePlugin({ resourceRegExp: /^pg-native$/ })],
    // Packages that choose a module by a name they are given at run time.
    ignoreWarnings: [/the request of a dependency is an expression/],
  };
}

function bundle(configurations: readonly Configuration[]): Promise<void> {
  return new Promise((resolve, reject) => {
    webpack([...configurations], (error, stats) => {
      if (error) reject(error);
      else if (stats?.hasErrors() !== false) reject(new Error(`the programs cannot be bundled: ${String(stats?.toString('errors-only'))}`));
      else resolve();
    });
  });
}
