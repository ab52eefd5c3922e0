import { planOfRun } from '../contracts/messages.ts';
import { wrongUse } from './cli-error.ts';

/** How this program was called, so that the commands it prints can be copied: as a package script, from its source, or by its name. */
export function programName(): string {
  if (process.env['npm_lifecycle_event'] === 'cutover') return 'npm run -s cutover --';
  return process.argv[1]?.endsWith('scripts/cutover.ts') === true ? 'node scripts/cutover.ts' : 'cutover';
}

/** A command as it can be pasted into a POSIX shell. */
export function commandLine(...words: readonly string[]): string {
  return [programName(), ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The plan's name and the attempt in a run id; a wrong use of the command where the text is none. */
export function partsOfRun(run: string): { readonly plan: string; readonly attempt: number } {
  const plan = planOfRun(run);
  if (plan === null) throw wrongUse(`"${run}" is no run id.`, 'A run id is cutover/<plan>/<attempt>, as cutover start prints it.');
  return { plan, attempt: Number(run.split('/').at(-1)) };
}
