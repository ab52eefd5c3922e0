import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/dev/project.ts';
import { pathWithCutover } from '../support/cutover-command.ts';
import { TerminalSession } from '../support/terminal.ts';

/** A person's shell: `cutover` is at hand, and the plans of the documents lie where they are looked for. */
export class Shell {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  static async open(folder: string, environment: Readonly<Record<string, string>>): Promise<Shell> {
    await mkdir(folder, { recursive: true });
    await symlink(join(projectRoot, 'examples'), join(folder, 'examples'));
    await symlink(join(projectRoot, 'examples/northwind/plan.yaml'), join(folder, 'plan.yaml'));
    await symlink(join(projectRoot, 'examples/northwind/rehearsal.yaml'), join(folder, 'env.yaml'));
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
