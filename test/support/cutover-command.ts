import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { programFile } from '../../scripts/dev/program-file.ts';

/** Puts the command `cutover`, as it is when it is installed, into a new folder below this one; returns a PATH on which it and Node come first. */
export async function pathWithCutover(folder: string): Promise<string> {
  const programs = join(folder, 'bin');
  await mkdir(programs, { recursive: true });
  const cutover = join(programs, 'cutover');
  await writeFile(cutover, `#!/bin/sh\nexec node --disable-warning=ExperimentalWarning '${programFile('scripts/cutover.ts')}' "$@"\n`);
  await chmod(cutover, 0o755);
  return [programs, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
}
