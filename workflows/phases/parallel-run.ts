import { carry, tryAgain } from '../carry.ts';
import type { IdleRollbacks } from '../idle-rollbacks.ts';
import type { Run } from '../run/state.ts';
import { enter, setupOf } from '../steps.ts';
import type { Course } from '../wave.ts';

/** The pilot in shadow: legacy stays the book, both books are compared; it ends in the pilot's switch. */
export async function parallelRun(run: Run, idle: IdleRollbacks): Promise<void> {
  const { pilot: name } = setupOf(run);
  await enter(run, 'parallelRun');
  await idle.settled();
  if (run.switched.has(name)) return;
  const anew: readonly Course[] = ['pilot', 'parallelRun'];
  const wasTakenBack = run.toRetry.has(name);
  if (wasTakenBack) await tryAgain(run, name);
  await carry(run, name, wasTakenBack ? anew : ['parallelRun'], anew);
}
