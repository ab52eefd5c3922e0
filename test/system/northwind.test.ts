import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../scripts/dev/project.ts';
import { expectForetoldOutcomes, expectNorthwindEquation, expectOneWayBack, readNorthwindPlan, readReport } from '../support/northwind.ts';

/** What somebody has set who works with a Temporal of their own. */
const otherTemporal = { TEMPORAL_NAMESPACE: 'of-my-own', TEMPORAL_API_KEY: 'of-my-own', TEMPORAL_PROFILE: 'of-my-own' };

/** Runs the demo as a person without a terminal would; returns its exit code and what it told. */
async function demo(...flags: readonly string[]): Promise<{ readonly code: number | null; readonly told: string }> {
  const args = ['--disable-warning=ExperimentalWarning', join(projectRoot, 'scripts/dev/demo.ts'), '--yes', ...flags];
  const env = { ...process.env, ...otherTemporal };
  const child = spawn(process.execPath, args, { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, told };
}

test('the demo carries all of Northwind to its close, one wave back and forward again, and its report adds up to the cent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-northwind-'));
  try {
    const { code, told } = await demo('--out', folder);
    expect(code, told).toBe(0);
    expect(told).toMatch(/The ERP's own tables are as they were before the wave: 55 party\.party, .*14 sale\.sale/);
    expect(told).toMatch(/The run ended: closed/);
    const report = await readReport(folder);
    expectOneWayBack(report);
    expectNorthwindEquation(report);
    expectForetoldOutcomes(report, await readNorthwindPlan());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
