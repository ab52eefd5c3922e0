import { join, resolve } from 'node:path';
import { projectRoot } from './project.ts';

/** The programs that the tests start again and again, by their files in the project. */
export const programs: readonly string[] = [
  'scripts/cutover.ts',
  'workers/main.ts',
  'sandbox/tryton/main.ts',
  'sandbox/salesforce/main.ts',
  'sandbox/fault-proxy/main.ts',
];

/**
 * What Node is given to start a script of the project: the script itself, or the file that holds it with all it imports, where `CUTOVER_PROGRAMS`
 * names the folder of `bundlePrograms`.
 */
export function programFile(script: string): string {
  const folder = process.env['CUTOVER_PROGRAMS'];
  return folder === undefined || !programs.includes(script) ? resolve(projectRoot, script) : join(folder, bundleName(script));
}

/** The name of a program's one file in that folder. */
export function bundleName(program: string): string {
  return program.replace(/\.ts$/, '.cjs');
}
