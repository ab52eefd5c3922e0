import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Report } from '../../scripts/bench/figures.ts';
import { projectRoot } from '../../scripts/dev/project.ts';

test('two workers with a lane and two calls each have four calls open at once, by the count of the target, and load everything once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  try {
    const json = join(folder, 'figures.json');
    const sizes = ['--records', '4000', '--rounds', '1', '--only', 'two-workers', '--json', json];
    const program = ['--disable-warning=ExperimentalWarning', join(projectRoot, 'scripts/bench/main.ts')];
    const { stdout } = await promisify(execFile)(process.execPath, [...program, 'w8', ...sizes]);
    expect(stdout.trim().split('\n').at(-1)).toBe('w8: efficiency2=- efficiency4=-');
    const [report] = JSON.parse(await readFile(json, 'utf8')) as readonly Report[];
    expect(report?.figures.map(({ contestant, wrong }) => [contestant, wrong])).toEqual([
      ['two-workers', null],
      ['two-workers', null],
    ]);
    for (const { more } of report?.figures ?? []) {
      expect(more['callsAtOnce']).toBe(4);
      expect([more['rssMb1'], more['rssMb2'], more['rssMb3']]).toEqual([expect.any(Number), expect.any(Number), undefined]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
