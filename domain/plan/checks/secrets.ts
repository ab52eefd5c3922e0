import { inPlan, type PlanProblem } from './problem.ts';

const secretName = /passw(or)?d|secret|token|api[-_]?key|private[-_]?key|credential/i;
const secretText = [/^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i, /-----BEGIN [A-Z ]*PRIVATE KEY-----/];

/** Whether a text is written under a name that stands for a secret, directly or as its constant `value`. */
function isNamedSecret(path: PlanProblem['path']): boolean {
  const own = path.at(-1) === 'value' ? path.at(-2) : path.at(-1);
  return typeof own === 'string' && secretName.test(own);
}

/** Secrets written in a file instead of being named by environment variable; they are reported by place, never by value. */
export function checkSecrets(value: unknown, path: PlanProblem['path'] = []): readonly PlanProblem[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) => checkSecrets(child, [...path, Array.isArray(value) ? Number(key) : key]));
  }
  if (typeof value !== 'string' || value === '') return [];
  if (!isNamedSecret(path) && !secretText.some((pattern) => pattern.test(value))) return [];
  const remedy = 'Take it out, change it where it is used, and name an environment variable for it in the env file.';
  return [inPlan(path, 'This looks like a secret, and a plan is stored and shown.', remedy)];
}
