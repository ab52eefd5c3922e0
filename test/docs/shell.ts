import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { projectRoot } from '../../scripts/dev/project.ts';
import { TerminalSession } from '../support/terminal.ts';

/** A person's shell: `cutover` and `temporal` are at hand, and the plans of the documents lie where they are looked for. */
export class Shell {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  static async open(folder: string, environment: Readonly<Record<string, string>>): Promise<Shell> {
    const programs = join(folder, 'bin');
    await mkdir(programs, { recursive: true });
    const cutover = join(programs, 'cutover');
    await writeFile(
      cutover,
      `#!/bin/sh\nexec node --disable-warning=ExperimentalWarning '${join(projectRoot, 'scripts/cutover.ts')}' "$@"\n`,
    );
    await chmod(cutover, 0o755);
    await symlink(join(projectRoot, 'examples'), join(folder, 'examples'));
    await symlink(join(projectRoot, 'examples/northwind/plan.yaml'), join(folder, 'plan.yaml'));
    await symlink(join(projectRoot, 'examples/northwind/rehearsal.yaml'), join(folder, 'env.yaml'));
    const temporal = process.env['TEMPORAL_CLI_PATH'];
    const path = [
      programs,
      dirname(process.execPath),
      ...(temporal === undefined ? [] : [dirname(temporal)]),
      join(projectRoot, '.dev/temporal/bin'),
      process.env['PATH'] ?? '',
    ].join(delimiter);
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
