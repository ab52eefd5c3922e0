import { ApplicationFailure } from '@temporalio/workflow';
import { checkAll, quickly } from '../activity-proxies.ts';
import type { Run } from '../run/state.ts';
import { enter } from '../steps.ts';

/** Looks at everything the run depends on; anything missing ends the run before it changed anything. */
export async function preflight(run: Run): Promise<void> {
  await enter(run, 'preflight', { step: 'checking systems, rights, dispositions and records' });
  const problems = await checkAll('preflight').preflight(run.ref);
  if (problems.length === 0) return;
  await quickly.noteEvent(
    run.ref,
    null,
    'preflightProblems',
    Object.fromEntries(problems.map((problem, index) => [String(index + 1), problem])),
  );
  await quickly.endRun(run.ref, 'refused');
  run.end = 'refused';
  throw ApplicationFailure.nonRetryable(
    `Preflight found ${String(problems.length)} problems and changed nothing: ${problems.join('; ')}`,
    'preflight',
  );
}
