import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { projectRoot } from '../../dev/project.ts';

/** The environment under which a Node process notes in this file how long its event loop was blocked, and when. */
export function watchedLoop(file: string): Readonly<Record<string, string>> {
  const watch = pathToFileURL(join(projectRoot, 'scripts', 'bench', 'measure', 'loop-watch.ts')).href;
  return { NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${watch}`, CUTOVER_BENCH_LOOP: file };
}

/** The longest block of the loop between two instants (ms since the epoch), in ms; a line tells of the time before it. */
export async function longestBlock(file: string, from: number, to: number): Promise<number> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trim().split('\n');
  const blocks = lines.flatMap((line) => {
    const [at = 0, ms = 0] = line.split(' ').map(Number);
    return at >= from && at <= to + 250 ? [ms] : [];
  });
  return Math.round(Math.max(0, ...blocks));
}
