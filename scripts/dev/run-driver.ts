import { spawn } from 'node:child_process';
import { childEnvironment } from './child-environment.ts';
import { programFile } from './program-file.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the product's own command line as a process, as a person would, and returns what it printed. */
export async function cutoverCli(environment: Readonly<Record<string, string>>, args: readonly string[]): Promise<CliResult> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', programFile('scripts/cutover.ts'), ...args], {
    env: childEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
  const code = await new Promise<number>((resolve) =>
    child.once('close', (status) => {
      resolve(status ?? 1);
    }),
  );
  return { code, stdout: out.join(''), stderr: err.join('') };
}
