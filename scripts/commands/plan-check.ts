import type { Command } from 'commander';
import { outlookLines, outlookOf } from '../../reports/outlook.ts';
import { done, fault } from '../exit-codes.ts';
import type { CommandResult } from '../output.ts';
import { problemLines, readPlan } from '../read-plan.ts';
import type { FileProblem } from '../read-yaml.ts';
import { jsonFlag, type JsonOption, type Runner } from '../runner.ts';

/** `cutover plan check <plan.yaml> [--env <env.yaml>]`. */
export function addPlanCheck(program: Command, run: Runner): void {
  program
    .command('plan')
    .description('work on a plan file')
    .command('check <plan.yaml>')
    .description('say everything that is wrong with a plan at once, or what it will do, in order; touches nothing')
    .option('--env <env.yaml>', 'check it together with this environment')
    .option(...jsonFlag)
    .action((plan: string, options: JsonOption & { readonly env?: string }) => run(options, () => planCheck(plan, options.env ?? null)));
}

/** Checks a plan, alone or with its env, and foretells the run. */
export async function planCheck(planFile: string, envFile: string | null): Promise<CommandResult> {
  const { plan, env, problems } = await readPlan(planFile, envFile);
  if (plan === null) return refused(problems);
  const outlook = outlookOf(plan.meaning, env?.meaning ?? null);
  const hashes = [`plan ${plan.hash}`, ...(env === null ? [] : [`env  ${env.hash}`])];
  return {
    lines: [...outlookLines(outlook), ...hashes],
    json: { ok: true, planHash: plan.hash, envHash: env?.hash ?? null, outlook },
    exitCode: done,
  };
}

/** What a command that needs a sound plan says when it has none. */
export function refused(problems: readonly FileProblem[]): CommandResult {
  const count = problems.length === 1 ? '1 problem' : `${String(problems.length)} problems`;
  return { lines: [...problems.flatMap(problemLines), `${count}; nothing was changed.`], json: { ok: false, problems }, exitCode: fault };
}
