import { spawn, type ChildProcess } from 'node:child_process';
import { Connection } from '@temporalio/client';

const startWithinMs = 120_000;

/** The server shares a small machine with all it serves: threads that wake one another and collect little garbage cost it a fifth of its time. */
const thrifty = { GOMAXPROCS: '1', GOGC: '400' } as const;

/** Values of Temporal's dynamic configuration by name, as JSON. */
export type DynamicConfig = Readonly<Record<string, string>>;

/** How a server is started, and where it answers. */
export interface ServerStart {
  readonly program: string;
  readonly args: readonly string[];
  readonly address: string;
  readonly ui: string | null;
  /** A namespace that it makes by itself: it is up when it knows this one. */
  readonly ownNamespace: string;
}

/** A Temporal server of our own. */
export class TemporalServer {
  readonly address: string;
  readonly ui: string | null;
  readonly #how: ServerStart;
  #process: ChildProcess | null = null;
  readonly #killWithUs = (): void => void this.#process?.kill('SIGKILL');

  constructor(how: ServerStart) {
    this.address = how.address;
    this.ui = how.ui;
    this.#how = how;
  }

  /** Its process; 0 while it has none. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts the server and returns when it answers; rejects with its own last words where it ends instead. */
  async start(): Promise<void> {
    const { program, args, ownNamespace } = this.#how;
    const child = spawn(program, args, { env: { ...thrifty, ...process.env }, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    process.once('exit', this.#killWithUs);
    try {
      await answering(this.address, ownNamespace, early(child));
    } catch (error) {
      await this.end('SIGKILL');
      throw error;
    }
  }

  /** Ends the server with this signal and returns when it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = null;
    process.removeListener('exit', this.#killWithUs);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}

/** Rejects with what a server said last where it cannot be started or ends by itself; never resolves. */
function early(child: ChildProcess): Promise<never> {
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
      reject(new Error(`the Temporal server cannot be started: ${error.message}`));
    });
    child.once('close', (code) => {
      reject(new Error(`the Temporal server ended with code ${String(code)} before it answered: ${words.trim() || 'it said nothing'}`));
    });
  });
  // Later ends are those that were asked for.
  ended.catch(() => undefined);
  return ended;
}

async function answering(address: string, namespace: string, ended: Promise<never>): Promise<void> {
  const until = Date.now() + startWithinMs;
  for (;;) {
    const answer = await Promise.race([ask(address, namespace), ended]);
    if (answer === null) return;
    if (Date.now() > until)
      throw new Error(`the Temporal server at ${address} did not answer within ${String(startWithinMs / 1000)} seconds`, {
        cause: answer,
      });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Null where the server answers, or why it does not. */
async function ask(address: string, namespace: string): Promise<unknown> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    await connection.workflowService.describeNamespace({ namespace });
    await connection.close();
    return null;
  } catch (error) {
    return error;
  }
}
