import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { childEnvironment } from './child-environment.ts';
import { programFile } from './program-file.ts';

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  /** Resolves when the process has ended, whatever ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

const readyWithinMs = 60_000;

/** Starts a worker with these environment variables and returns when it polls. Its log goes to `log` where given, else nowhere but on failure. */
export async function startWorker(
  environment: Readonly<Record<string, string>>,
  log: (line: string) => void = () => undefined,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', programFile('workers/main.ts')], {
    env: childEnvironment(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const tail: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    tail.push(line);
    tail.splice(0, Math.max(0, tail.length - 20));
    log(line);
  });
  const killWithUs = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', killWithUs);
  void ended.then(() => process.removeListener('exit', killWithUs));
  if (!(await isReady(child, ended))) {
    child.kill('SIGKILL');
    throw new Error(`the worker did not start:\n${tail.join('\n')}`);
  }
  return {
    pid: child.pid ?? 0,
    ended,
    signal: (signal) => {
      child.kill(signal);
    },
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function isReady(child: ChildProcess, ended: Promise<void>): Promise<boolean> {
  if (child.stdout === null) return false;
  const line = new Promise<boolean>((resolve) =>
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', () => {
      resolve(true);
    }),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, readyWithinMs);
  });
  const ready = await Promise.race([line, ended.then(() => false), late]);
  clearTimeout(timer);
  return ready;
}
