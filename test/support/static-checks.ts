import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Reporter } from 'vitest/node';

/** Nice: the checks take what the tests leave idle. */
const lowPriority = 10;

/** Runs the static checks beside the tests. What they find is printed as soon as they end, and fails the run. */
export default class StaticChecks implements Reporter {
  #passed: Promise<boolean> = Promise.resolve(false);

  onTestRunStart(): void {
    const checks = spawn('npm', ['run', '-s', 'check:static'], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (checks.pid !== undefined) setPriority(checks.pid, lowPriority);
    let told = '';
    checks.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
    checks.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
    this.#passed = new Promise((resolve) => {
      checks.once('error', ({ message }) => {
        process.stderr.write(`The static checks could not begin: ${message}\n`);
        resolve(false);
      });
      checks.once('close', (code) => {
        process.stderr.write(code === 0 ? 'PASS static checks\n' : `FAIL static checks (npm run check:static)\n${told}`);
        resolve(code === 0);
      });
    });
  }

  async onTestRunEnd(): Promise<void> {
    if (!(await this.#passed)) process.exitCode = 1;
  }
}
