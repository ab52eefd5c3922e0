import { spawn } from 'node:child_process';

/** Runs a program to its end; throws with the last lines it wrote where it fails. `environment` is added to this process's own. */
export async function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('close', resolve);
  });
  if (code === 0) return output;
  throw new Error(
    `${program} ended with ${code === null ? 'no exit code: it could not be started' : `exit code ${String(code)}`}:\n${output.slice(-2_000)}`,
  );
}
