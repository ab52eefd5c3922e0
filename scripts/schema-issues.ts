import type { z } from 'zod';
import type { PlanProblem } from '../domain/plan/checks/problem.ts';
import { knownKeys } from './known-keys.ts';
import { capitalized, closed } from './sentences.ts';

type Issue = z.core.$ZodIssue;
type Explained = Omit<PlanProblem, 'file'>;

/** Says in plain sentences what a schema found wrong with a value read from a file; never repeats a value, which may be a secret. */
export function explainIssues(schema: z.ZodType, issues: readonly Issue[], value: unknown): readonly Explained[] {
  return issues.flatMap((issue) => explain(schema, issue, value, []));
}

function explain(schema: z.ZodType, issue: Issue, value: unknown, outer: PlanProblem['path']): readonly Explained[] {
  const path = [...outer, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(schema, value, path, key));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return explainUnion(schema, issue, value, path);
  const name = nameOf(path);
  if (valueAt(value, path) === undefined) return [{ path, message: `${name} is missing.`, remedy: `Add it; ${closed(wanted(issue))}` }];
  return [{ path, message: `${name} is not as it must be.`, remedy: closed(capitalized(wanted(issue))) }];
}

function unknownKey(schema: z.ZodType, value: unknown, path: PlanProblem['path'], key: string): Explained {
  const known = knownKeys(schema, value, path);
  return {
    path: [...path, key],
    message: `There is no key "${key}" here.`,
    remedy: known.length === 0 ? 'Remove it, or correct its name.' : `Remove it, or use one of: ${known.join(', ')}.`,
  };
}

/** Speaks of the form that fits best; where several fit equally badly, names what each of them needs. */
function explainUnion(
  schema: z.ZodType,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  value: unknown,
  path: PlanProblem['path'],
): readonly Explained[] {
  const least = Math.min(...issue.errors.map(weight));
  const best = issue.errors.filter((form) => weight(form) === least);
  const [only] = best;
  if (best.length === 1 && only !== undefined) return only.flatMap((inner) => explain(schema, inner, value, path));
  const keys = knownKeys(schema, value, path);
  const remedy =
    keys.length === 0
      ? `Write ${issue.errors.flatMap((form) => form.map(wanted)).join(', or ')}.`
      : `Use the keys of one form: ${keys.join(', ')}.`;
  return [{ path, message: `${nameOf(path)} fits none of the forms allowed here.`, remedy }];
}

function weight(form: readonly Issue[]): number {
  return form.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

/** What would be right, as the end of a sentence. */
function wanted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `it is a ${nouns[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `use ${issue.values.length === 1 ? '' : 'one of: '}${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? `use one of: ${issue.options.map(String).join(', ')}`
        : 'give it one of the forms allowed here';
    case 'too_small':
      return `it needs ${issue.inclusive === true ? 'at least' : 'more than'} ${String(issue.minimum)}${counted[issue.origin] ?? ''}`;
    case 'too_big':
      return `it may have ${issue.inclusive === true ? 'at most' : 'less than'} ${String(issue.maximum)}${counted[issue.origin] ?? ''}`;
    case 'invalid_key':
      return issue.issues.map(wanted).join('; ');
    case 'invalid_format':
    case 'custom':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message;
  }
}

const nouns: Readonly<Record<string, string>> = {
  record: 'block of named entries',
  object: 'block of keys',
  array: 'list',
  string: 'text',
  int: 'whole number',
  number: 'number',
  boolean: 'truth value, true or false',
};
const counted: Readonly<Record<string, string>> = { array: ' entries', string: ' characters' };

/** The last name of a path, with its place in the list where it is an entry of one. */
function nameOf(path: PlanProblem['path']): string {
  const last = path.at(-1);
  if (typeof last === 'number') return `Entry ${String(last + 1)} of ${String(path.at(-2) ?? 'the list')}`;
  return last ?? 'The file';
}

function valueAt(value: unknown, path: PlanProblem['path']): unknown {
  return path.reduce<unknown>(
    (here, step) => (typeof here === 'object' && here !== null ? (Reflect.get(here, step) as unknown) : undefined),
    value,
  );
}
