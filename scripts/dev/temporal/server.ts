import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../../../contracts/messages.ts';
import { freePort } from '../ports.ts';
import { findProgram } from './program.ts';

const startWithinMs = 120_000;

/**
 * A process that sleeps keeps its connections, and the server goes on handing it tasks. It is asked for a sign of life on each connection every so
 * often, and one that gives none is closed, its polls with it; on a real server after a minute and more.
 */
const noticing = { 'frontend.keepAliveTime': '"1s"', 'frontend.keepAliveTimeout': '"2s"' } as const;

/** One partition of each task queue: here are a few workers, and between partitions tasks and polls are handed on. */
const undivided = { 'matching.numTaskqueueReadPartitions': '1', 'matching.numTaskqueueWritePartitions': '1' } as const;

/** What was written is safe once the system has it: the file outlives a killed process, and a crashed machine has no use for it. */
const unhurried = ['journal_mode=wal', 'synchronous=off'] as const;

/** The server shares a small machine with all it serves: threads that wake one another and collect little garbage cost it a fifth of its time. */
const thrifty = { GOMAXPROCS: '1', GOGC: '400' } as const;

/** Values of Temporal's dynamic configuration by name, as JSON. */
export type DynamicConfig = Readonly<Record<string, string>>;

/** A Temporal dev server of our own, with its UI. */
export class TemporalServer {
  readonly address: string;
  readonly ui: string;
  readonly #program: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | null = null;
  readonly #killWithUs = (): void => void this.#process?.kill('SIGKILL');

  private constructor(program: string, port: number, uiPort: number, file: string | null, config: DynamicConfig) {
    this.address = `127.0.0.1:${String(port)}`;
    this.ui = `http://127.0.0.1:${String(uiPort)}`;
    this.#program = program;
    this.#flags = [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort), '--log-level', 'error'],
      ...(file === null ? [] : ['--db-filename', file, ...unhurried.flatMap((pragma) => ['--sqlite-pragma', pragma])]),
      ...Object.values(searchAttributes).flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
      ...Object.entries({ ...noticing, ...undivided, ...config }).flatMap(([name, value]) => [
        '--dynamic-config-value',
        `${name}=${value}`,
      ]),
    ];
  }

  /** A server not started yet; its data is in a file of the folder, or lost with its process where there is none. */
  static async on(folder: string | null, config: DynamicConfig = {}): Promise<TemporalServer> {
    return new TemporalServer(
      await findProgram(),
      await freePort(),
      await freePort(),
      folder === null ? null : join(folder, 'temporal.db'),
      config,
    );
  }

  /** Starts the server and returns when it answers; rejects with its own last words where it ends instead. */
  async start(): Promise<void> {
    const child = spawn(this.#program, this.#flags, { env: { ...thrifty, ...process.env }, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    process.once('exit', this.#killWithUs);
    try {
      await answering(this.address, early(child));
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

async function answering(address: string, ended: Promise<never>): Promise<void> {
  const until = Date.now() + startWithinMs;
  for (;;) {
    const answer = await Promise.race([ask(address), ended]);
    if (answer === null) return;
    if (Date.now() > until)
      throw new Error(`the Temporal server at ${address} did not answer within ${String(startWithinMs / 1000)} seconds`, {
        cause: answer,
      });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Null where the server answers, or why it does not. */
async function ask(address: string): Promise<unknown> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();
    return null;
  } catch (error) {
    return error;
  }
}
