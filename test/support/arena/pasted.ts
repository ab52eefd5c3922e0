import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { WaitingGate } from '../../../contracts/messages.ts';
import { childEnvironment } from '../../../scripts/dev/child-environment.ts';
import { projectRoot } from '../../../scripts/dev/project.ts';
import { pathWithCutover } from '../cutover-command.ts';
import type { Driver } from './driver.ts';

const shell = promisify(execFile);

/** What `cutover status --json` shows. */
interface Shown {
  readonly waiting: WaitingGate | null;
  readonly standing: string;
  readonly headline: string;
  readonly next: string;
}

/** Pastes a command that the product printed into a shell, as a person would; `cutover` comes to lie below the folder. */
export async function paste(driver: Driver, folder: string, command: string): Promise<string> {
  const path = await pathWithCutover(folder);
  const env = childEnvironment({ ...driver.business.environment, PATH: path });
  return (await shell('sh', ['-c', command], { cwd: projectRoot, env })).stdout;
}

/** The first of the commands that status offers, with who and why filled in: the program leaves them to the person. */
export function filled(next: string, role: string): string {
  const [command = ''] = next.split(', or ');
  const by = role.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return command.replace('<you>', by).replace('<role>', role).replace('<why>', 'scenario');
}

/** What status says of the run, and its exit code. */
export async function statusOf(driver: Driver): Promise<Shown & { readonly code: number }> {
  const { code, stdout } = await driver.cli('status', driver.run, '--json');
  return { ...(JSON.parse(stdout) as Shown), code };
}
