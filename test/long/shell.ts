import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathWithCutover } from '../support/cutover-command.ts';
import { TerminalSession } from '../support/terminal.ts';

/** A person's shell: `cutover` is at hand, and a plan and its env lie where the documents look for theirs. */
export class Shell {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  static async open(
    folder: string,
    environment: Readonly<Record<string, string>>,
    { planFile, envFile }: Readonly<Record<'planFile' | 'envFile', string>>,
  ): Promise<Shell> {
    await mkdir(join(folder, 'examples/northwind'), { recursive: true });
    for (const place of ['plan.yaml', 'examples/northwind/plan.yaml']) await symlink(planFile, join(folder, place));
    for (const place of ['env.yaml', 'examples/northwind/rehearsal.yaml']) await symlink(envFile, join(folder, place));
    const path = await pathWithCutover(folder);
    return new Shell(folder, { ...process.env, ...environment, PATH: path });
  }

  /** Types a command at a terminal, says yes where it asks, and returns what was shown and its exit code. */
  async run(command: string, cwd: string = this.folder): Promise<{ readonly code: number | null; readonly shown: string }> {
    const session = new TerminalSession(['sh', '-c', command], cwd, this.#env);
    await session.until(/\(yes\/no\) $/).then(
      () => {
        session.type('yes\r');
      },
      () => undefined,
    );
    return { code: await session.ended, shown: session.shown };
  }
}
