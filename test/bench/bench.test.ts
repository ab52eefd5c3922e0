import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Report } from '../../scripts/bench/figures.ts';
import { projectRoot } from '../../scripts/dev/project.ts';

const main = join(projectRoot, 'scripts/bench/main.ts');
const bench = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args]);

test('a workload that is not there is refused before anything is started', async () => {
  await expect(bench('w9')).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/There is no workload "w9"/) });
});

test('a small round is measured, judged and told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-bench-'));
  try {
    const json = join(folder, 'figures.json');
    const { stdout } = await bench(
      'w1',
      '--records',
      '1000',
      '--rounds',
      '1',
      '--answer-ms',
      '5',
      '--only',
      'script-bare,script-full',
      '--json',
      json,
    );
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^w1: ratio=/);
    const [report] = JSON.parse(await readFile(json, 'utf8')) as readonly Report[];
    expect(report?.figures.map(({ contestant, round, wrong }) => [contestant, round, wrong])).toEqual([
      ['script-full', 0, null],
      ['script-bare', 0, null],
      ['script-bare', 1, null],
      ['script-full', 1, null],
    ]);
    const full = report?.figures.at(0);
    // Five batches, each read and written down once.
    expect(full?.database).toMatchObject({ statements: 10, transactionControl: 0 });
    expect(full?.rowsWritten).toEqual({ crosswalk: 1_000 });
    expect(full?.database.walBytes).toBeGreaterThan(100_000);
    expect(full?.rssMb).toBeGreaterThan(30);
  } finally {
    await rm(folder, { recursive: true });
  }
});
