import type { z } from 'zod';
import { checkPlan, checkPlanWithEnv } from '../domain/plan/check.ts';
import { checkSecrets } from '../domain/plan/checks/secrets.ts';
import { envSchema, type Env } from '../domain/plan/env.ts';
import { planSchema, type Plan } from '../domain/plan/plan.ts';
import { documentHash } from '../records/canonical.ts';
import { readYaml, type FileProblem, type YamlFile } from './read-yaml.ts';
import { explainIssues } from './schema-issues.ts';

/** A document as it stands in its file, with its hash (SHA-256 of its RFC 8785 form) and what it means. */
export interface ReadDocument<T> {
  readonly body: unknown;
  readonly hash: string;
  readonly meaning: T;
}

/** A plan and (where one was given) an env as read; `problems` are all that keep them from running, of both files at once. Both are null while there are any. */
export interface PlanFiles {
  readonly plan: ReadDocument<Plan> | null;
  readonly env: ReadDocument<Env> | null;
  readonly problems: readonly FileProblem[];
}

/** Reads and checks a plan file, alone or with its env file. Touches nothing and never throws for what stands in them. */
export async function readPlan(planFile: string, envFile: string | null): Promise<PlanFiles> {
  const planYaml = await readYaml(planFile);
  const envYaml = envFile === null ? null : await readYaml(envFile);
  const plan = understand(planSchema, planYaml);
  const env = envYaml === null ? null : understand(envSchema, envYaml);
  const found = [
    ...checkSecrets(planYaml.value),
    ...(plan.meaning === null ? [] : checkPlan(plan.meaning)),
    ...(envYaml === null ? [] : checkSecrets(envYaml.value).map((problem) => ({ ...problem, file: 'env' as const }))),
    ...(plan.meaning === null || env === null || env.meaning === null ? [] : checkPlanWithEnv(plan.meaning, env.meaning)),
  ];
  const placed = found.map(({ file, path, message, remedy }) =>
    (file === 'env' && envYaml !== null ? envYaml : planYaml).at(path, message, remedy),
  );
  const unread = [plan.meaning === null ? planYaml : null, env?.meaning === null ? envYaml : null].filter(
    (yaml) => yaml?.value !== undefined,
  );
  const problems = [
    ...inOrder([...plan.problems, ...(env?.problems ?? []), ...placed]),
    ...unread.flatMap((yaml) => (yaml === null ? [] : [unchecked(yaml)])),
  ];
  if (problems.length > 0) return { plan: null, env: null, problems };
  return { plan: sealed(plan, planYaml), env: env === null || envYaml === null ? null : sealed(env, envYaml), problems };
}

/** A file whose shape is wrong is checked no further; that is said, so that nobody takes the list for all there is. */
function unchecked(yaml: YamlFile): FileProblem {
  return yaml.at([], 'The rest of this file could not be checked yet.', 'Mend these first, then check again: more may follow.');
}

interface Understood<T> {
  readonly meaning: T | null;
  readonly problems: readonly FileProblem[];
}

/** Reads a document by its schema. Where only unknown keys are in the way, it is read without them, so that its other problems show as well. */
function understand<T>(schema: z.ZodType<T>, yaml: YamlFile): Understood<T> {
  if (yaml.value === undefined) return { meaning: null, problems: yaml.problems };
  const read = schema.safeParse(yaml.value);
  if (read.success) return { meaning: read.data, problems: yaml.problems };
  const { issues } = read.error;
  const problems = [
    ...yaml.problems,
    ...explainIssues(schema, issues, yaml.value).map(({ path, message, remedy }) => yaml.at(path, message, remedy)),
  ];
  if (issues.some(({ code }) => code !== 'unrecognized_keys')) return { meaning: null, problems };
  const again = schema.safeParse(withoutKeys(yaml.value, issues));
  return { meaning: again.success ? again.data : null, problems };
}

function withoutKeys(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const place = issue.path.reduce<unknown>(
      (here, step) => (typeof here === 'object' && here !== null ? (Reflect.get(here, step) as unknown) : null),
      copy,
    );
    if (typeof place === 'object' && place !== null) for (const key of issue.keys) Reflect.deleteProperty(place, key);
  }
  return copy;
}

function sealed<T>({ meaning }: Understood<T>, { value }: YamlFile): ReadDocument<T> | null {
  return meaning === null ? null : { body: value, hash: documentHash(value), meaning };
}

/** By file and line, each place and message once. */
function inOrder(problems: readonly FileProblem[]): readonly FileProblem[] {
  const seen = new Map(problems.map((problem) => [[problem.file, problem.line, problem.path, problem.message].join('\n'), problem]));
  return [...seen.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : 0));
}

/** A problem in two lines: where and what, then what to change. */
export function problemLines({ file, line, path, message, remedy }: FileProblem): readonly string[] {
  return [`${file}:${String(line)}${path === '' ? '' : ` ${path}`}: ${message}`, `    ${remedy}`];
}
