import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../../scripts/dev/project.ts';

type Json = Record<string, unknown>;

/** Plan and env files of a test, as they were written. */
export interface WrittenFiles {
  readonly folder: string;
  readonly planFile: string;
  readonly envFile: string;
  /** The number of the first line of a file that holds this text. */
  lineOf(file: 'plan' | 'env', text: string): number;
  remove(): Promise<void>;
}

/** What a test changes: the document before it is written, or its text afterwards. */
export interface Changes {
  readonly plan?: (plan: Json) => void;
  readonly env?: (env: Json) => void;
  readonly planText?: (text: string) => string;
}

/** Writes the Northwind plan and its rehearsal env, changed, into a folder of their own. */
export async function writePlanFiles(changes: Changes = {}): Promise<WrittenFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-plan-'));
  const [planFile, envFile] = [join(folder, 'plan.yaml'), join(folder, 'env.yaml')];
  const read = async (name: string): Promise<Json> =>
    parse(await readFile(join(projectRoot, 'examples', 'northwind', name), 'utf8')) as Json;
  const [plan, env] = [await read('plan.yaml'), await read('rehearsal.yaml')];
  changes.plan?.(plan);
  changes.env?.(env);
  const texts = { plan: (changes.planText ?? ((text) => text))(stringify(plan, { lineWidth: 0 })), env: stringify(env) };
  await writeFile(planFile, texts.plan);
  await writeFile(envFile, texts.env);
  return {
    folder,
    planFile,
    envFile,
    lineOf: (file, text) => texts[file].split('\n').findIndex((line) => line.includes(text)) + 1,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
