/** Something in a plan or env file that keeps it from running. */
export interface PlanProblem {
  readonly file: 'plan' | 'env';
  /** Where in that file. */
  readonly path: readonly (string | number)[];
  /** What is wrong, and what to change, one sentence each; never repeats a value that may be a secret. */
  readonly message: string;
  readonly remedy: string;
}

export function inPlan(path: PlanProblem['path'], message: string, remedy: string): PlanProblem {
  return { file: 'plan', path, message, remedy };
}

export function inEnv(path: PlanProblem['path'], message: string, remedy: string): PlanProblem {
  return { file: 'env', path, message, remedy };
}
