import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { describe } from 'vitest';

/** Runs a command under a pseudo-terminal, with our pipes as keyboard and screen; ends with its exit code. */
const underTerminal = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

const hasPython = spawnSync('python3', ['-c', 'import os, pty; os.waitstatus_to_exitcode']).status === 0;

/** Tests at a terminal: skipped aloud where this machine has no Python to make one, but never in CI, where its absence is a failure. */
export function describeAtTerminal(name: string, body: () => void): void {
  if (hasPython || process.env['CI'] === 'true') {
    describe(name, body);
    return;
  }
  // No titles are printed of a file in which every test is skipped.
  process.stderr.write(`${name}: skipped. A pseudo-terminal needs Python 3.9 or newer. Install it, for example: apt-get install python3\n`);
  describe.skip(name, body);
}

/** A process as the operating system lists it. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** A program at a terminal: what it shows, and a person's hands. */
export class TerminalSession {
  readonly #child: ChildProcess;
  /** The exit code of the program. */
  readonly ended: Promise<number | null>;
  #shown = '';
  #read = 0;

  constructor(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn('python3', ['-c', underTerminal, ...command], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#shown += chunk.toString()));
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** All that was shown, without colours and movements of the cursor. */
  get shown(): string {
    return stripVTControlCharacters(this.#shown).replaceAll('\r', '');
  }

  /** Waits until something is shown that was not read yet, and returns all from there to its end. */
  async until(what: RegExp, withinMs = 240_000): Promise<string> {
    const end = Date.now() + withinMs;
    for (let over = false, looked = -1; ; over = await this.#isOver()) {
      const found = looked === this.#shown.length ? null : what.exec(this.shown.slice(this.#read));
      looked = this.#shown.length;
      if (found !== null) {
        const text = this.shown.slice(this.#read, this.#read + found.index + found[0].length);
        this.#read += text.length;
        return text;
      }
      if (over || Date.now() > end) throw new Error(`${String(what)} was never shown after:\n${this.shown}`);
    }
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Everything the program has started and that runs now, itself first. */
  processes(): readonly ListedProcess[] {
    const all = listProcesses();
    const below = (parent: number): readonly ListedProcess[] =>
      all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
    return below(this.#child.pid ?? -1);
  }

  /** For whatever did not end by itself. */
  kill(): void {
    for (const { pid } of this.processes()) process.kill(pid, 'SIGKILL');
    this.#child.kill('SIGKILL');
  }

  #isOver(): Promise<boolean> {
    const pause = new Promise<boolean>((resolve) => setTimeout(resolve, 50, false));
    return Promise.race([this.ended.then(() => true), pause]);
  }
}

/** Those of the processes that still run, as the operating system lists them now. */
export function stillRunning(processes: readonly ListedProcess[]): readonly string[] {
  const now = new Map(listProcesses().map(({ pid, command }) => [pid, command]));
  return processes.filter(({ pid, command }) => now.get(pid) === command).map(({ command }) => command);
}

function listProcesses(): readonly ListedProcess[] {
  const listed = spawnSync('ps', ['-eo', 'pid=,ppid=,args=']).stdout.toString();
  return Array.from(listed.matchAll(/^ *(\d+) +(\d+) +(.+)$/gm), ([, pid, parent, command = '']) => ({
    pid: Number(pid),
    parent: Number(parent),
    command,
  }));
}
