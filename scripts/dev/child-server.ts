import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { childEnvironment } from './child-environment.ts';
import { programFile } from './program-file.ts';

/** A server in a process of its own that announces itself as one line of JSON on standard output. */
export interface ChildServer {
  /** What the server announced, such as its `url`. */
  readonly ready: Readonly<Record<string, string>>;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
  /** From now on the child keeps this process alive no longer; it still ends with it. */
  unref(): void;
}

/** Milliseconds a server may take until it is ready where nobody says otherwise; on a busy machine starting Node alone takes seconds. */
const usuallyReadyWithinMs = 120_000;

/**
 * Starts a script of the project that announces itself, such as `sandbox/tryton/main.ts`; `environment` is added to this process's own. The
 * child ends with this process, because its standard input then closes.
 */
export async function startChildServer(
  script: string,
  environment: Readonly<Record<string, string>>,
  readyWithinMs = usuallyReadyWithinMs,
): Promise<ChildServer> {
  const child = spawn(process.execPath, [programFile(script)], { env: childEnvironment(environment), stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    child.stdin.end();
    child.kill('SIGTERM');
    await gone;
  };
  const lines = createInterface({ input: child.stdout });
  const timeout = AbortSignal.timeout(readyWithinMs);
  const line = await new Promise<string | null>((resolve) => {
    lines.once('line', resolve);
    child.once('exit', () => {
      resolve(null);
    });
    timeout.addEventListener('abort', () => {
      resolve(null);
    });
  });
  if (line === null) {
    await stop();
    throw new Error(`${script} did not announce itself; its own message is on standard error`);
  }
  const unref = (): void => {
    child.unref();
    // Pipes of a child are sockets.
    for (const pipe of [child.stdin, child.stdout] as readonly unknown[] as readonly Socket[]) pipe.unref();
  };
  return { ready: JSON.parse(line) as Record<string, string>, stop, unref };
}
